"""Long recordings as windows cut at silence, so that memory is bounded by the window and not by the file."""

import numpy as np
from numpy.typing import NDArray

from trax.audio.waveform import StoredAudio
from trax.transcript.span import Span

_FRAME = 0.02  # seconds a level is taken over
_QUIET = 0.5  # seconds that should be quiet around a cut
_SEARCH = 0.25  # the last part of a window in which a cut is looked for


def windows_at_silence(audio: StoredAudio, longest: float) -> list[Span]:
    """Spans that cover all of *audio* without gap or overlap, none over *longest* seconds.

    Each cut lies in the quietest half second of the last quarter of its window; ties go to the earliest. A
    recording no longer than *longest* is one window.
    """
    windows = []
    start = 0.0
    while audio.duration - start > longest:
        search = Span(start + (1 - _SEARCH) * longest, start + longest)
        cut = search.start + _quietest(audio.read(search).samples, audio.sample_rate)
        windows.append(Span(start, cut))
        start = cut
    windows.append(Span(start, audio.duration))
    return windows


def _quietest(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Seconds into *samples* of the middle of the quietest stretch."""
    frame = round(_FRAME * sample_rate)
    levels = np.square(samples[: len(samples) // frame * frame]).reshape(-1, frame).mean(axis=1)
    width = round(_QUIET / _FRAME)
    if len(levels) <= width:
        return len(samples) / sample_rate
    energy = np.convolve(levels, np.ones(width), mode="valid")
    return (int(np.argmin(energy)) + width / 2) * _FRAME
