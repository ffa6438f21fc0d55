"""Audio with its sample rate: in memory, and on disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from trax.errors import UnreadableAudio
from trax.transcript.span import Span


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Audio in memory.

    Attributes:
        samples: float32 in [-1, 1], shape ``(frames,)``: one channel.
        sample_rate: Hz.
    """

    samples: NDArray[np.float32]
    sample_rate: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate


class Audio(Protocol):
    """Mono audio of any length, read a span at a time."""

    @property
    def duration(self) -> float:
        """Seconds."""

    @property
    def sample_rate(self) -> int:
        """Hz."""

    def read(self, span: Span | None = None) -> Waveform:
        """Read the samples of *span*, or all of them, up to the end of the audio."""

    def clock(self, time: float) -> float:
        """When in the recording, in seconds, the sound at *time* seconds of this audio is."""


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """Lossless mono audio in a file, read a span at a time to save memory.

    Attributes:
        path: a file that libsndfile can read.
        duration: seconds.
        sample_rate: Hz.
    """

    path: Path
    duration: float
    sample_rate: int

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file that libsndfile can read.

        Raises:
            UnreadableAudio: the file is missing, in another format, or not mono.
        """
        try:
            info = soundfile.info(str(path))
        except soundfile.SoundFileError as error:
            raise UnreadableAudio(str(path), f"not decoded audio ({error})") from error
        if info.channels != 1:
            raise UnreadableAudio(str(path), f"expected one channel, found {info.channels}")
        return cls(path, info.frames / info.samplerate, info.samplerate)

    def read(self, span: Span | None = None) -> Waveform:
        """Read the samples of *span*, or all of them, up to the end of the file."""
        span = span or Span(0.0, self.duration)
        start = round(span.start * self.sample_rate)
        frames = round(span.end * self.sample_rate) - start
        with soundfile.SoundFile(str(self.path)) as file:
            file.seek(min(start, file.frames))
            samples = file.read(frames, dtype="float32")
        return Waveform(samples, self.sample_rate)

    def clock(self, time: float) -> float:
        """The same time: the file holds the whole recording."""
        return time
