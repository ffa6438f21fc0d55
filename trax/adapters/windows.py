"""Windows of thirty seconds to learn from: which examples lie in each, and how they sound.

Everything that is drawn by lot depends on the recipe's seed and the window's number alone, so that
training goes on after a break as if there had been none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.recipe import Recipe
from trax.audio import SAMPLE_RATE

WINDOW = 30.0
"""Seconds that Whisper models read at once."""

_PAUSE = 0.3  # seconds around examples, about; more and less is drawn by lot
_LONGEST_PAUSE = 1.2
_SHORT_WINDOWS = 0.2  # share of windows that are not filled
_SPEED = 0.1  # faster or slower, at most
_SPEED_CHANGED = 0.5  # share of examples
_QUIETEST_DB, _LOUDEST_DB = -14.0, 6.0
_NOISY = 0.3  # share of windows with noise
_NOISE_DB = (15.0, 40.0)  # below the speech

_ORDER, _SOUND = 1, 2  # streams of random numbers


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in a window, and when in it, in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Sound of at most thirty seconds with its text.

    Attributes:
        samples: float32 in [-1, 1], mono at 16 kHz.
        said: in order.
        language: the model's code for it.
    """

    samples: NDArray[np.float32]
    said: tuple[Said, ...]
    language: str


Lot = tuple[Example, ...]
"""Examples that lie in one window, in order."""


def planned_windows(
    domain: Sequence[Example], general: Sequence[Example], recipe: Recipe
) -> list[Lot]:
    """The examples of every window of the training, in order.

    The domain's examples come round as often as the recipe says; between them, evenly, windows of
    general speech. Their number is a multiple of the batch.
    """
    rng = np.random.default_rng([recipe.seed, _ORDER])
    replay = recipe.replay if general else 0.0
    seconds = sum(each.duration + 2 * _PAUSE for each in domain)
    wanted = ceil(recipe.rounds * seconds / WINDOW / (1 - replay) / recipe.batch)
    steps = min(recipe.most_steps, max(recipe.least_steps, wanted))
    drawn = _Drawn(domain, rng), _Drawn(general, rng)
    lots = []
    owed = 0.0
    for _ in range(steps * recipe.batch):
        owed += replay
        is_general = owed >= 1.0
        owed -= is_general
        lots.append(drawn[is_general].lot())
    return lots


def sounded(spoken: SpokenExamples, lot: Lot, recipe: Recipe, number: int) -> Window:
    """The window with the examples of *lot*: each faster or slower, with pauses, levels and noise
    drawn by lot.

    Args:
        number: of the window in the training.
    """
    rng = np.random.default_rng([recipe.seed, _SOUND, number])
    parts: list[NDArray[np.float32]] = []
    said: list[Said] = []
    length = 0
    for example in lot:
        samples = _perturbed(spoken.samples(example), rng)
        pause = _pause(rng)
        if parts and (length + pause + len(samples)) / SAMPLE_RATE > WINDOW:
            break
        parts += [np.zeros(pause, dtype=np.float32), samples]
        start = (length + pause) / SAMPLE_RATE
        length += pause + len(samples)
        said.append(Said(start, min(WINDOW, length / SAMPLE_RATE), example.text))
    whole = _with_noise(np.concatenate(parts), rng)
    return Window(whole[: round(WINDOW * SAMPLE_RATE)], tuple(said), lot[0].language)


class _Drawn:
    """Examples drawn by lot, each once before any comes again."""

    def __init__(self, examples: Sequence[Example], rng: Generator) -> None:
        self._examples = examples
        self._rng = rng
        self._order: list[int] = []

    def lot(self) -> Lot:
        """As many of one language as fill a window, now and then fewer."""
        room = WINDOW
        if self._rng.random() < _SHORT_WINDOWS:
            room = float(self._rng.uniform(2.0, WINDOW))
        first = self._examples[self._next()]
        lot = [first]
        room -= _taken(first)
        while True:
            at = self._next()
            example = self._examples[at]
            room -= _taken(example)
            if room < 0 or example.language != first.language:
                self._order.append(at)
                return tuple(lot)
            lot.append(example)

    def _next(self) -> int:
        """The place of an example."""
        if not self._order:
            self._order = [int(at) for at in self._rng.permutation(len(self._examples))]
        return self._order.pop()


def _taken(example: Example) -> float:
    return example.duration + 2 * _PAUSE


def _pause(rng: Generator) -> int:
    seconds = min(_LONGEST_PAUSE, float(rng.exponential(2 * _PAUSE)))
    return round(seconds * SAMPLE_RATE)


def _perturbed(samples: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """The sound at another level, and sometimes at another speed."""
    loudness = 10 ** (rng.uniform(_QUIETEST_DB, _LOUDEST_DB) / 20)
    peak = float(np.abs(samples).max(initial=1e-6))
    samples = samples * np.float32(min(loudness, 0.99 / peak))
    if rng.random() >= _SPEED_CHANGED:
        return samples
    speed = 1 + rng.uniform(-_SPEED, _SPEED)
    places = np.arange(0, len(samples) - 1, speed)
    changed: NDArray[np.float32] = np.interp(places, np.arange(len(samples)), samples)
    return changed.astype(np.float32)


def _with_noise(samples: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    if rng.random() >= _NOISY:
        return samples
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-rng.uniform(*_NOISE_DB) / 20)
    noise = rng.standard_normal(len(samples), dtype=np.float32)
    return samples + np.float32(level) * noise
