"""Where somebody speaks: Silero voice activity, over recordings of any length in constant
memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.audio.waveform import StoredAudio
from trax.transcript.span import Span

FRAME = 0.032
"""Seconds a probability is given for."""

_FRAME_SAMPLES = 512
_BLOCK_FRAMES = 18_750  # ten minutes
_WARM_UP_FRAMES = 64  # two seconds before a block, so that the network knows where it is
_ENTER, _LEAVE = (
    0.5,
    0.35,
)  # speech begins above the first and ends below the second: Silero's own choice


@dataclass(frozen=True, slots=True, eq=False)
class VoiceActivity:
    """How likely somebody speaks, frame by frame.

    Attributes:
        probabilities: float32 in [0, 1], shape ``(frames,)``, one each `FRAME` seconds.
        duration: seconds of audio.
    """

    probabilities: NDArray[np.float32]
    duration: float

    def spans(self, shortest_pause: float) -> list[Span]:
        """Stretches of speech; a pause shorter than *shortest_pause* seconds does not end one."""
        found: list[Span] = []
        for start, end in _runs(self.probabilities):
            span = Span(min(start * FRAME, self.duration), min(end * FRAME, self.duration))
            if found and span.start - found[-1].end < shortest_pause:
                span = Span(found.pop().start, span.end)
            if span.duration > 0:
                found.append(span)
        return found

    def mean(self, span: Span) -> float:
        """Mean probability over *span*; 0 where it has no frame."""
        frames = self.probabilities[
            int(span.start / FRAME) : max(int(span.start / FRAME) + 1, round(span.end / FRAME))
        ]
        return float(frames.mean()) if len(frames) else 0.0

    def quietest(self, span: Span) -> float:
        """The time within *span* at which speech is least likely; the latest where several are."""
        first, last = (
            int(span.start / FRAME),
            max(int(span.start / FRAME) + 1, int(span.end / FRAME)),
        )
        frames = self.probabilities[first:last]
        return (
            min(span.end, (last - int(np.argmin(frames[::-1])) - 0.5) * FRAME)
            if len(frames)
            else span.end
        )


def voice_activity(
    audio: StoredAudio, progress: Callable[[float], None] = lambda _share: None
) -> VoiceActivity:
    """How likely somebody speaks in each frame of 16 kHz *audio* (Silero VAD 6, as faster-whisper
    carries it).
    """
    from faster_whisper.vad import get_vad_model

    model = get_vad_model()
    frames = int(np.ceil(audio.duration * audio.sample_rate / _FRAME_SAMPLES))
    parts = [np.zeros(0, dtype=np.float32)]
    for first in range(0, frames, _BLOCK_FRAMES):
        begin, end = max(0, first - _WARM_UP_FRAMES), min(frames, first + _BLOCK_FRAMES)
        scale = _FRAME_SAMPLES / audio.sample_rate
        samples = audio.read(Span(begin * scale, end * scale)).samples
        missing = (end - begin) * _FRAME_SAMPLES - len(samples)
        found = model(np.pad(samples, (0, max(0, missing)))[: (end - begin) * _FRAME_SAMPLES])
        parts.append(np.asarray(found, dtype=np.float32).reshape(-1)[first - begin :])
        progress(end / frames)
    return VoiceActivity(np.concatenate(parts), audio.duration)


def _runs(probabilities: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """First and past-the-last frame of each stretch of speech, with hysteresis."""
    inside, start = False, 0
    for at in np.flatnonzero((probabilities >= _ENTER) | (probabilities < _LEAVE)):
        speaks = probabilities[at] >= _ENTER
        if speaks and not inside:
            inside, start = True, int(at)
        elif not speaks and inside:
            inside = False
            yield start, int(at)
    if inside:
        yield start, len(probabilities)
