"""When somebody's words begin and end in clean speech, in two ways that know nothing of each other.

By level: the first and the last sound above the middle, in dB, of the clip's own noise and its loud
parts. By PocketSphinx: the text that was read, aligned. LibriSpeech's readers have noise 20 to 30
dB below their voices, so that a fixed threshold finds the noise of the clip, not the word.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from trax.audio import SAMPLE_RATE
from trax.transcript import Span, Word

RATE = 44_100
STEP = 0.01  # seconds
AROUND = 0.5  # seconds before and after words in which they may begin and end

_LOUD, _FAINT = 95, 8  # percentiles
_LEAST_DB = 30.0
_SHORTEST = 3  # steps in a row

Levels = NDArray[np.float64]


@dataclass(frozen=True)
class Clean:
    """A clip of clean speech.

    Attributes:
        start: where it begins in the mix, in seconds.
        samples: mono.
    """

    start: float
    samples: NDArray[np.float32]

    def sound(self, near: Span) -> Span | None:
        """From the first sound to the last one *near*, by level."""
        levels = levels_of(self.samples)[1:-1]  # the clip's own ends may be cut
        threshold = self._threshold(levels)
        first = max(0, round((near.start - self.start) / STEP) - 1)
        past = max(first, round((near.end - self.start) / STEP) - 1)
        runs = runs_of(levels[first:past] > threshold)
        if not runs:
            return None
        begin = self.start + (first + 1) * STEP
        return Span(begin + runs[0][0] * STEP, begin + runs[-1][1] * STEP)

    def _threshold(self, levels: Levels) -> float:
        loud, faint = np.percentile(levels, [_LOUD, _FAINT])
        return float(max((loud + faint) / 2, loud - _LEAST_DB))

    def aligned(self, text: str) -> list[Word]:
        """The words of its text by forced alignment; none if one is not in the dictionary."""
        words = [re.sub(r"[^a-z']", "", word.lower()) for word in text.split()]
        words = [word for word in words if word]
        decoder = _decoder()
        if not words or any(decoder.lookup_word(word) is None for word in words):
            return []
        sound = resample_poly(self.samples, SAMPLE_RATE // 100, RATE // 100)
        whole = (sound / max(1e-9, np.abs(sound).max()) * 30_000).astype(np.int16)
        decoder.set_align_text(" ".join(words))
        decoder.start_utt()
        decoder.process_raw(whole.tobytes(), no_search=False, full_utt=True)
        decoder.end_utt()
        found = [
            Word(
                self.start + each.start_frame / 100,
                self.start + (each.end_frame + 1) / 100,
                re.sub(r"\(\d\)", "", each.word),
            )
            for each in decoder.seg() or ()
            if each.word[0] not in "<["
        ]
        return found if len(found) == len(words) else []


@cache
def _decoder() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")


def levels_of(samples: NDArray[np.float32]) -> Levels:
    """Levels of steps of 10 ms in dB."""
    step = round(STEP * RATE)
    count = len(samples) // step
    wide = samples[: count * step].astype(np.float64).reshape(count, step)
    levels: Levels = 10 * np.log10((wide**2).mean(axis=1) + 1e-12)
    return levels


def runs_of(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First step, and the one after the last, of each sound that is no click."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    pairs = edges.reshape(-1, 2)
    return [(int(start), int(end)) for start, end in pairs if end - start >= _SHORTEST]
