"""Sound whose words can be read off it, for sessions without models.

A word is `WORD` seconds of one level; a decoder of this module reads the levels. Silence is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.asr import Decoding
from trax.asr.engine import LeftOut, OnRead, nobody_reads_along
from trax.audio import SAMPLE_RATE, Waveform
from trax.progress import Progress
from trax.transcript import Segment, Span, Word

WORD = 0.4
"""Seconds."""

WORDS = tuple(f"w{number:02d}" for number in range(1, 61))
"""All words that can be said."""

Samples = NDArray[np.float32]

_LEVELS = 64
_SIZE = round(WORD * SAMPLE_RATE)
_LEAST = _SIZE // 4  # samples that a word is heard by
_SLACK = 400  # samples that a whole word may lack
_FRAME = 512  # samples that one probability of speech covers
_SILENT = 0.001


def spoken(texts: Sequence[str]) -> Samples:
    """The sound of words at 16 kHz; an empty text is a silence as long as a word."""
    levels = [(WORDS.index(text) + 1) / _LEVELS if text else 0.0 for text in texts]
    sound: Samples = np.repeat(np.array(levels, dtype=np.float32), _SIZE)
    return sound


def pcm(samples: Samples) -> bytes:
    """The sound as 16-bit samples."""
    return (samples * 32768).astype("<i2").tobytes()


def talks(samples: Samples) -> Samples:
    """Speech is what is not silent: a probability for each frame."""
    frames = np.abs(samples.reshape(-1, _FRAME)).max(axis=1)
    found: Samples = (frames > _SILENT).astype(np.float32)
    return found


@dataclass
class LevelDecoder:
    """Reads words off their levels.

    Attributes:
        cut: what half a word at a window's end is taken for; ``None`` hears nothing there.
        read: what was asked.
        errors: raised one a call; ``None`` lets a call through.
    """

    cut: str | None = None
    name: str = "levels"
    fingerprint: str = "levels/1"
    languages: frozenset[str] = frozenset(("en",))
    read: list[Decoding] = field(default_factory=list)
    errors: list[Exception | None] = field(default_factory=list)

    def decode(
        self,
        windows: Sequence[Waveform],
        options: Decoding,
        progress: Progress,
        on_read: OnRead = nobody_reads_along,
    ) -> list[tuple[Segment, ...]]:
        """The words of each window."""
        self.read.append(options)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        return [self._segments(window) for window in windows]

    def decode_stretch(
        self, waveform: Waveform, options: Decoding, progress: Progress
    ) -> tuple[Segment, ...]:
        """The words of it."""
        return self._segments(waveform)

    def align(self, window: Waveform, texts: Sequence[str], language: str) -> list[Span]:
        """At the beginning, all of them."""
        return [Span(0.0, 0.0) for _text in texts]

    def left_out(self, options: Decoding) -> LeftOut:
        """Nothing."""
        return LeftOut()

    def detect_languages(self, windows: Sequence[Waveform]) -> list[dict[str, float]]:
        """English."""
        return [{"en": 1.0} for _window in windows]

    def _segments(self, window: Waveform) -> tuple[Segment, ...]:
        levels = np.rint(window.samples * _LEVELS).astype(int)
        edges = np.flatnonzero(np.diff(levels)) + 1
        words = []
        for first, past in pairwise([0, *edges.tolist(), len(levels)]):
            words += self._words(levels, first, past)
        if not words:
            return ()
        segment = Segment(words[0].start, words[-1].end, tuple(words), mean_log_probability=-0.2)
        return (segment,)

    def _words(self, levels: NDArray[np.int_], first: int, past: int) -> list[Word]:
        level = int(levels[first]) if len(levels) else 0
        if level == 0 or past - first < _LEAST:
            return []
        is_cut = past == len(levels) and past - first < _SIZE - _SLACK
        text = self.cut if is_cut else WORDS[level - 1]
        if text is None:
            return []
        return [Word(first / SAMPLE_RATE, past / SAMPLE_RATE, text, 0.9)]
