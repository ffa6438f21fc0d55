"""Sound whose words can be read off it, for sessions without models.

A word is `WORD` seconds of one level; a decoder of the kit reads the levels, a silence is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from trax.asr import Decoding
from trax.asr.engine import LeftOut, OnRead, nobody_reads_along
from trax.audio import SAMPLE_RATE, Waveform
from trax.progress import Progress
from trax.transcript import Segment, Span, Word

WORD = 0.4
_STEP = 64  # levels
_SIZE = round(WORD * SAMPLE_RATE)
_LEAST = _SIZE // 4  # samples that a word is heard by


def spoken(texts: Sequence[str], vocabulary: Sequence[str]) -> np.ndarray:
    """The sound of words; an empty text is a silence as long as a word."""
    parts = [np.zeros(0, np.float32)]
    parts += [np.full(_SIZE, _level(text, vocabulary), dtype=np.float32) for text in texts]
    return np.concatenate(parts)


def pcm(samples: np.ndarray) -> bytes:
    """The sound as 16-bit samples."""
    return (samples * 32768).astype("<i2").tobytes()


def talks(samples: np.ndarray) -> np.ndarray:
    """Speech is what is not silent."""
    frames = samples.reshape(-1, 512)
    return (np.abs(frames).max(axis=1) > 0.001).astype(np.float32)


def _level(text: str, vocabulary: Sequence[str]) -> float:
    return (vocabulary.index(text) + 1) / _STEP if text else 0.0


@dataclass
class LevelDecoder:
    """Reads words off their levels; the last one of a window that is cut is read as *cut*.

    Attributes:
        vocabulary: words by level.
        cut: what half a word is taken for; ``None`` hears nothing there.
        read: what was asked.
        errors: raised one a call.
    """

    vocabulary: Sequence[str]
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

    def _segments(self, window: Waveform) -> tuple[Segment, ...]:
        levels = np.rint(window.samples * _STEP).astype(int)
        edges = np.flatnonzero(np.diff(levels)) + 1
        bounds = [0, *edges.tolist(), len(levels)]
        words = []
        for first, past in pairwise(bounds):
            words += self._words(levels, first, past)
        if not words:
            return ()
        segment = Segment(words[0].start, words[-1].end, tuple(words), mean_log_probability=-0.2)
        return (segment,)

    def _words(self, levels: np.ndarray, first: int, past: int) -> list[Word]:
        level = int(levels[first])
        if level == 0 or past - first < _LEAST:
            return []
        is_cut = past == len(levels) and past - first < _SIZE - 400
        text = self.cut if is_cut else self.vocabulary[level - 1]
        if text is None:
            return []
        return [Word(first / SAMPLE_RATE, past / SAMPLE_RATE, text, 0.9)]

    def decode_stretch(self, waveform, options, progress):
        """Likewise."""
        return self._segments(waveform)

    def align(self, window, texts, language):
        """Nothing."""
        return [Span(0.0, 0.0) for _text in texts]

    def left_out(self, options):
        """Nothing."""
        return LeftOut()

    def detect_languages(self, windows):
        """English."""
        return [{"en": 1.0} for _window in windows]
