"""Windows as a model learns from them: features, what it has written so far, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trax.adapters.examples import SpokenExamples
from trax.adapters.recipe import Recipe
from trax.adapters.tokens import MOST_TOKENS, WhisperTokens
from trax.adapters.windows import Lot, sounded

UNCOUNTED = -100
"""Torch's label for a token that no loss counts."""

_FRAMES = 3000
_MASK_LOT = 4  # stream of random numbers
_MASKS = 2  # of each kind (Park et al. 2019, SpecAugment)
_MASKED_FRAMES = 60
_MASKED_MELS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one step learns from.

    Attributes:
        features: log-mel, shape ``(windows, mels, 3000)``.
        given: tokens before each place, shape ``(windows, tokens)``.
        wanted: tokens at each place; -100 where none is counted.
        is_general: for each window, whether it is general speech: there the model is to go on
            saying what it says without the adapter.
    """

    features: NDArray[np.float32]
    given: NDArray[np.int64]
    wanted: NDArray[np.int64]
    is_general: NDArray[np.bool_]


class BatchMaker:
    """Makes the batches of a training.

    Args:
        folder: of the CTranslate2 model.
        mels: that the model reads.
        is_multilingual: whether the model is told the language.
    """

    def __init__(
        self,
        folder: Path,
        mels: int,
        is_multilingual: bool,
        spoken: SpokenExamples,
        recipe: Recipe,
    ) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        self._extractor = FeatureExtractor(feature_size=mels)
        self._tokens = WhisperTokens(folder)
        self._is_multilingual = is_multilingual
        self._spoken = spoken
        self._recipe = recipe

    def batch(self, lots: Sequence[Lot], step: int) -> Batch:
        """The batch of a step from the examples of its windows."""
        features = []
        rows = []
        for at, lot in enumerate(lots):
            number = step * len(lots) + at
            window = sounded(self._spoken, lot, self._recipe, number)
            rng = np.random.default_rng([self._recipe.seed, _MASK_LOT, number])
            features.append(masked(self._features(window.samples), rng))
            prompt = self._tokens.prompt(window.language, is_multilingual=self._is_multilingual)
            rows.append((prompt, self._tokens.written(window)))
        given, wanted = _tokens(rows, self._tokens.end)
        is_general = np.array([lot[0].is_general for lot in lots])
        return Batch(np.stack(features), given, wanted, is_general)

    def _features(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        silence = np.zeros(self._extractor.n_samples, dtype=np.float32)
        features: NDArray[np.float32] = self._extractor(np.concatenate([samples, silence]))
        return features[:, :_FRAMES]


def masked(features: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """Features with some stretches of time and some bands drawn by lot set to their mean."""
    changed = features.copy()
    mean = features.mean()
    for _ in range(_MASKS):
        start, size = rng.integers(_FRAMES - _MASKED_FRAMES), rng.integers(_MASKED_FRAMES)
        changed[:, start : start + size] = mean
        start, size = rng.integers(len(features) - _MASKED_MELS), rng.integers(_MASKED_MELS)
        changed[start : start + size] = mean
    return changed


def _tokens(
    rows: Sequence[tuple[list[int], list[int]]], end: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The tokens given and wanted at each place; the prompt is given and not asked for."""
    longest = min(MOST_TOKENS, max(len(prompt) + len(written) for prompt, written in rows) - 1)
    given = np.full((len(rows), longest), end, dtype=np.int64)
    wanted = np.full((len(rows), longest), UNCOUNTED, dtype=np.int64)
    for row, (prompt, written) in enumerate(rows):
        all_tokens = [*prompt, *written][: longest + 1]
        given[row, : len(all_tokens) - 1] = all_tokens[:-1]
        wanted[row, len(prompt) - 1 : len(all_tokens) - 1] = all_tokens[len(prompt) :]
    return given, wanted
