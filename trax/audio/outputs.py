"""Where decoded frames go: FLAC files, and the meter."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from av.audio.frame import AudioFrame

from trax.audio.conversion import (
    EVERY_CHANNEL,
    FIRST_LAYOUT,
    MONO,
    SAMPLE_RATE,
    Conversion,
    Samples,
)
from trax.audio.joining import MOST_CHANNELS, flac_file
from trax.audio.meter import Meter, widened
from trax.audio.treatment import Treatment, treatment

_GAP = 0.1  # seconds: a smaller jump in the timestamps is encoder delay, not missing audio


class Files:
    """The FLAC files that are written, open until the stack is closed.

    Args:
        mono: for the mix of all channels.
        separate: for *channels* apart, if they are two to `MOST_CHANNELS`.
    """

    def __init__(self, opened: ExitStack, mono: Path, separate: Path | None, channels: int) -> None:
        self.channels = channels
        self.mono = opened.enter_context(flac_file(mono, 1))
        self.separate = None
        if separate is not None and 2 <= channels <= MOST_CHANNELS:
            self.separate = opened.enter_context(flac_file(separate, channels))

    def write_separate(self, samples: Samples) -> None:
        """Write the channels apart, as many as the file has."""
        if self.separate is not None:
            self.separate.write(widened(samples, self.channels)[:, : self.channels])


class Output:
    """Converts a stream's frames and hands the samples on, with silence where time is missing.

    Args:
        sink: called with samples and the number of frames before them.

    Attributes:
        conversion: of the frames.
        frames: handed on so far.
    """

    def __init__(self, conversion: Conversion, sink: Callable[[Samples, int], None]) -> None:
        self.conversion = conversion
        self.frames = 0
        self._sink = sink

    def take(self, frame: AudioFrame, time: float | None) -> None:
        """Take the frame that follows, which begins at *time* if that is known."""
        gap = 0.0 if time is None else time - self.frames / SAMPLE_RATE
        if gap > _GAP:
            self._be_silent(round(gap * SAMPLE_RATE))
        for samples in self.conversion.samples(frame):
            self._hand_on(samples)

    def flush(self) -> None:
        """Hand on what the conversion still holds."""
        for samples in self.conversion.flushed():
            self._hand_on(samples)

    def _be_silent(self, frames: int) -> None:
        for first in range(0, frames, SAMPLE_RATE):
            self._hand_on(self.conversion.silence(min(SAMPLE_RATE, frames - first)))

    def _hand_on(self, samples: Samples) -> None:
        self._sink(samples, self.frames)
        self.frames += len(samples)


class Ordinary:
    """Outputs for a recording as it is, which is measured on the way."""

    def __init__(self, files: Files) -> None:
        self._meter = Meter()
        self._measuring = Output(
            Conversion("flt", EVERY_CHANNEL), lambda samples, _first: self._meter.take(samples)
        )
        self._mixing = Output(
            Conversion("s16", MONO), lambda samples, _first: files.mono.write(samples)
        )
        self.outputs = [self._measuring, self._mixing]
        if files.separate is not None:
            conversion = Conversion("s16", FIRST_LAYOUT)
            self.outputs.append(
                Output(conversion, lambda samples, _first: files.write_separate(samples))
            )

    def needed(self) -> Treatment | None:
        """What the recording needs to be heard; ``None`` for an ordinary one."""
        mixable = self._mixing.conversion.broken <= self._measuring.conversion.broken
        names = self._measuring.conversion.channel_names
        return treatment(self._meter.measured(), names, mixable=mixable)


def treated_output(files: Files, needed: Treatment) -> Output:
    """The output for a recording that needs to be treated."""

    def write(samples: Samples, first: int) -> None:
        files.mono.write(needed.mono(samples, first))
        files.write_separate(needed.channels(samples, first))

    return Output(Conversion("flt", EVERY_CHANNEL), write)
