"""Voices of single stretches of speech, small enough to be kept with a transcript."""

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trax.diarization.evidence import FRAME, Piece
from trax.transcript import Span, VoiceSample

_LARGEST = 127  # of a signed byte
_CLOSED = 6  # frames: a shorter gap does not part two spans


def voice_samples(pieces: Sequence[Piece]) -> tuple[VoiceSample, ...]:
    """What *pieces* sound like, by start. Rounding to bytes moves a cosine by some 0.001."""
    found = [_sample(piece) for piece in pieces]
    return tuple(sorted(found, key=lambda each: (each.spans[0].start, each.spans[-1].end)))


def unit_voices(samples: Sequence[VoiceSample]) -> NDArray[np.float32]:
    """The embeddings at unit length, shape ``(samples, numbers)``."""
    rows = [np.frombuffer(base64.b64decode(each.voice), dtype=np.int8) for each in samples]
    voices = np.stack(rows).astype(np.float32) if rows else np.zeros((0, 0), dtype=np.float32)
    lengths = np.linalg.norm(voices, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = voices / np.maximum(lengths, 1.0)
    return scaled


def encoded(embedding: ArrayLike) -> str:
    """An embedding as `VoiceSample` holds it."""
    values = np.asarray(embedding, dtype=np.float64)
    largest = max(float(np.abs(values).max(initial=0.0)), 1e-9)
    numbers = np.round(values * (_LARGEST / largest)).astype(np.int8)
    return base64.b64encode(numbers.tobytes()).decode()


def _sample(piece: Piece) -> VoiceSample:
    breaks = np.flatnonzero(np.diff(piece.frames) > _CLOSED) + 1
    spans = []
    for run in np.split(piece.frames, breaks):
        start, end = float(run[0]) * FRAME, float(run[-1] + 1) * FRAME
        spans.append(Span(round(start, 3), round(end, 3)))
    return VoiceSample(spans=tuple(spans), voice=encoded(piece.embedding))
