"""Voice activity: where somebody speaks, in recordings of any length and in constant memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.audio.waveform import Audio
from trax.transcript.span import Span

FRAME = 0.032
"""Seconds that one probability covers."""

_FRAME_SAMPLES = 512
_BLOCK_FRAMES = 18_750  # ten minutes
_WARM_UP_FRAMES = 64  # two seconds before a block, to give the network context
_ENTER = 0.5  # speech begins at this probability,
_LEAVE = 0.35  # and ends below this one: Silero's own thresholds


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
        for first, past in _runs(self.probabilities):
            start = min(first * FRAME, self.duration)
            span = Span(start, min(past * FRAME, self.duration))
            if found and span.start - found[-1].end < shortest_pause:
                span = Span(found.pop().start, span.end)
            if span.duration > 0:
                found.append(span)
        return found

    def mean(self, span: Span) -> float:
        """Mean probability over *span*; 0 if it has no frame."""
        first = int(span.start / FRAME)
        past = max(first + 1, round(span.end / FRAME))
        frames = self.probabilities[first:past]
        return float(frames.mean()) if len(frames) else 0.0

    def quietest(self, span: Span) -> float:
        """The time within *span* at which speech is least likely; the latest of several."""
        first = int(span.start / FRAME)
        past = max(first + 1, int(span.end / FRAME))
        frames = self.probabilities[first:past]
        if not len(frames):
            return span.end
        from_end = int(np.argmin(frames[::-1]))
        return min(span.end, (past - from_end - 0.5) * FRAME)


def voice_activity(
    audio: Audio,
    progress: Callable[[float], None] = lambda _share: None,
) -> VoiceActivity:
    """How likely somebody speaks in each frame of 16 kHz *audio*.

    Silero VAD 6, as shipped with faster-whisper.
    """
    from faster_whisper.vad import get_vad_model

    model = get_vad_model()
    frames = int(np.ceil(audio.duration * audio.sample_rate / _FRAME_SAMPLES))
    parts = [np.zeros(0, dtype=np.float32)]
    for first in range(0, frames, _BLOCK_FRAMES):
        begin = max(0, first - _WARM_UP_FRAMES)
        end = min(frames, first + _BLOCK_FRAMES)
        found = _probabilities(model, audio, begin, end)
        parts.append(found[first - begin :])
        progress(end / frames)
    return VoiceActivity(np.concatenate(parts), audio.duration)


def frame_probabilities(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The probability of speech in each whole frame of 16 kHz *samples*."""
    from faster_whisper.vad import get_vad_model

    return _run(get_vad_model(), samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES])


def _probabilities(model: Any, audio: Audio, begin: int, end: int) -> NDArray[np.float32]:
    """The probability of speech in each frame from *begin* to before *end*."""
    scale = _FRAME_SAMPLES / audio.sample_rate
    samples = audio.read(Span(begin * scale, end * scale)).samples
    wanted = (end - begin) * _FRAME_SAMPLES
    padded = np.pad(samples, (0, max(0, wanted - len(samples))))
    return _run(model, padded[:wanted])


def _run(model: Any, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(model(samples), dtype=np.float32).reshape(-1)


def _runs(probabilities: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """First and past-the-last frame of each stretch of speech, with hysteresis."""
    start: int | None = None
    decisive = (probabilities >= _ENTER) | (probabilities < _LEAVE)
    for at in np.flatnonzero(decisive).tolist():
        speaks = probabilities[at] >= _ENTER
        if speaks and start is None:
            start = at
        elif not speaks and start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, len(probabilities)
