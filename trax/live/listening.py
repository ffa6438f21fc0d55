"""The sound of a window that grows, and where somebody speaks in it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trax.audio import SAMPLE_RATE, VoiceActivity, Waveform
from trax.audio.activity import FRAME
from trax.transcript import Span

_FRAME_SAMPLES = round(FRAME * SAMPLE_RATE)
_CONTEXT_FRAMES = 64  # two seconds before new sound, so that the network knows where it is

Samples = NDArray[np.float32]

Activity = Callable[[Samples], Samples]
"""Tells how likely somebody speaks in each whole frame of samples."""


class Window:
    """Sound from a moment on up to now, with its voice activity.

    Attributes:
        begin: seconds from the session's start.
    """

    def __init__(self, probabilities: Activity) -> None:
        self._probabilities = probabilities
        self._first = 0  # frames that were dropped
        self._sound: Samples = np.zeros(0, dtype=np.float32)
        self._context: Samples = np.zeros(0, dtype=np.float32)  # heard before the window
        self._activity: Samples = np.zeros(0, dtype=np.float32)

    @property
    def begin(self) -> float:
        """Seconds from the session's start."""
        return self._first * FRAME

    @property
    def end(self) -> float:
        """Likewise: now."""
        return self.begin + len(self._sound) / SAMPLE_RATE

    def add(self, samples: Samples) -> None:
        """Append sound at 16 kHz."""
        self._sound = np.concatenate([self._sound, samples])

    def pass_over(self, samples: Samples) -> None:
        """Take sound that is not to be read, before any that is."""
        before = np.concatenate([self._context, self._sound, samples])
        frames = (len(self._sound) + len(samples)) // _FRAME_SAMPLES
        rest = len(self._sound) + len(samples) - frames * _FRAME_SAMPLES
        self._first += frames
        self._sound = before[len(before) - rest :].copy()
        self._context = before[: len(before) - rest][-_CONTEXT_FRAMES * _FRAME_SAMPLES :]

    def speech(self, shortest_pause: float) -> list[Span]:
        """When somebody speaks, in the session's time."""
        spans = self.activity.spans(shortest_pause)
        return [span.shifted(self.begin) for span in spans]

    @property
    def activity(self) -> VoiceActivity:
        """How likely somebody speaks, from the window's begin; whole frames alone."""
        self._listen()
        return VoiceActivity(self._activity, len(self._activity) * FRAME)

    def drop_until(self, time: float) -> None:
        """Forget the sound before *time*, in the session's time."""
        frames = min(int((time - self.begin) / FRAME + 1e-6), len(self._activity))
        if frames <= 0:
            return
        cut = frames * _FRAME_SAMPLES
        before = np.concatenate([self._context, self._sound[:cut]])
        self._context = before[-_CONTEXT_FRAMES * _FRAME_SAMPLES :]
        self._sound = self._sound[cut:].copy()
        self._activity = self._activity[frames:]
        self._first += frames

    def sound(self, span: Span) -> Waveform:
        """The sound of *span*, in the session's time."""
        first = round((span.start - self.begin) * SAMPLE_RATE)
        past = round((span.end - self.begin) * SAMPLE_RATE)
        return Waveform(self._sound[max(0, first) : past], SAMPLE_RATE)

    def _listen(self) -> None:
        """Tell speech in the whole frames that came since the last time."""
        known = len(self._activity)
        frames = len(self._sound) // _FRAME_SAMPLES
        if frames == known:
            return
        before = max(0, known - _CONTEXT_FRAMES)
        context = self._sound[before * _FRAME_SAMPLES : known * _FRAME_SAMPLES]
        missing = (_CONTEXT_FRAMES - (known - before)) * _FRAME_SAMPLES
        if missing and len(self._context):
            context = np.concatenate([self._context[-missing:], context])
        new = self._sound[known * _FRAME_SAMPLES : frames * _FRAME_SAMPLES]
        found = self._probabilities(np.concatenate([context, new]))
        self._activity = np.concatenate([self._activity, found[-(frames - known) :]])
