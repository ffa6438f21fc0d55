"""Sections: what lies between long digital silences, each as if it were a recording of its own.

Whatever is decided within a section (where somebody speaks, where windows are cut) is the same
wherever in a recording the section lies.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trax.audio.waveform import Audio, Waveform
from trax.transcript.span import Span

_AUDIBLE = 4 / 32_768  # of full scale; dither is below
_SILENCE = 2.0  # seconds of digital silence between two sections
_LEAD = 0.32  # seconds of silence before a section; a whole number of voice activity's frames
_BLOCK = 60.0  # seconds read at a time


@dataclass(frozen=True, slots=True)
class Section:
    """Part of a recording as audio of its own: a moment of silence, then its first sound.

    Attributes:
        audio: the recording.
        first: its first sample in the recording.
        past: the sample after its last.
    """

    audio: Audio
    first: int
    past: int

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.audio.sample_rate

    @property
    def duration(self) -> float:
        """Seconds, with the silence before it."""
        return (self._lead + self.past - self.first) / self.sample_rate

    @property
    def offset(self) -> float:
        """Seconds of the recording at which its time begins; negative at a recording's very start.

        In whole milliseconds, so that times that are stay so.
        """
        return round((self.first - self._lead) / self.sample_rate, 3)

    def read(self, span: Span | None = None) -> Waveform:
        """Read the samples of *span*, or all of them, up to the section's end."""
        span = span or Span(0.0, self.duration)
        start = round(span.start * self.sample_rate) - self._lead + self.first
        end = round(span.end * self.sample_rate) - self._lead + self.first
        first = min(max(start, self.first), self.past)
        past = min(max(end, first), self.past)
        silence = max(0, min(end, self.first) - start)
        sound = self.audio.read(Span(first / self.sample_rate, past / self.sample_rate))
        return Waveform(np.pad(sound.samples, (silence, 0)), self.sample_rate)

    def clock(self, time: float) -> float:
        """When in the recording, in seconds, the sound at *time* seconds of the section is."""
        return self.audio.clock(max(0.0, time + self.offset))

    @property
    def _lead(self) -> int:
        return round(_LEAD * self.sample_rate)


def sections(audio: Audio) -> list[Section]:
    """What lies between two seconds or more of digital silence, in order; silence belongs to none.

    A digital silence has no sample above -78 dB of full scale.
    """
    longest = round(_SILENCE * audio.sample_rate)
    firsts: list[int] = []
    pasts: list[int] = []
    last = -longest - 1
    for audible in _audible(audio):
        samples = np.concatenate([[last], audible])
        breaks = np.flatnonzero(np.diff(samples) > longest)
        pasts.extend((samples[breaks] + 1).tolist())
        firsts.extend(samples[breaks + 1].tolist())
        last = int(samples[-1])
    pasts.append(last + 1)
    return [Section(audio, *each) for each in zip(firsts, pasts[1:], strict=True)]


def _audible(audio: Audio) -> Iterator[np.ndarray]:
    """Numbers of the samples that are no silence, block by block."""
    start = 0.0
    while start < audio.duration:
        end = min(start + _BLOCK, audio.duration)
        samples = audio.read(Span(start, end)).samples
        yield round(start * audio.sample_rate) + np.flatnonzero(np.abs(samples) >= _AUDIBLE)
        start = end
