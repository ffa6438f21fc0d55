"""A recording's sound as it is: its own sample rate, channels and precision, in a lossless file."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import soundfile
from av.audio.format import AudioFormat
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from trax.audio.container import BROKEN
from trax.audio.joining import MOST_CHANNELS
from trax.audio.parts import Part, find_parts
from trax.audio.probe import Limits, Probe, check_duration
from trax.audio.reader import open_part
from trax.errors import StoreUnavailable, UnreadableAudio

Frames = NDArray[np.float32]
"""float32 of shape ``(frames, channels)``."""

_GAP = 0.1  # seconds: a smaller jump in the timestamps is encoder delay, not missing audio
_LOSSLESS = ("pcm_", "flac", "alac", "wavpack", "ape", "tta")
_CONTAINERS = {"wav": "WAV", "flac": "FLAC", "aiff": "AIFF"}  # that are kept as they are
_RATES_OF_FLAC = range(1, 655_351)
_LARGEST_WAV = 4 << 30  # bytes
_BLOCK = 1 << 16  # frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a recording's sound is kept.

    Attributes:
        container: libsndfile's name of the format.
        subtype: libsndfile's name of the precision.
        sample_rate: Hz.
    """

    container: str
    subtype: str
    sample_rate: int
    channels: int

    @property
    def suffix(self) -> str:
        """Of files in this format."""
        return {"RF64": ".wav"}.get(self.container, f".{self.container.lower()}")


@dataclass(frozen=True, slots=True)
class Master:
    """A recording's sound in a lossless file, read and written a stretch at a time.

    Attributes:
        frames: samples of each channel.
    """

    path: Path
    shape: Shape
    frames: int

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file that `decode_master` or `rewritten` has written.

        Raises:
            UnreadableAudio: it is something else.
        """
        try:
            info = soundfile.info(str(path))
        except soundfile.SoundFileError as error:
            raise UnreadableAudio(str(path), str(error)) from error
        shape = Shape(
            container=info.format,
            subtype=info.subtype,
            sample_rate=info.samplerate,
            channels=info.channels,
        )
        return cls(path, shape, info.frames)

    def read(self, start: int, end: int) -> Frames:
        """The samples from *start* to *end*, which are frames, as far as there are any."""
        start, end = min(max(0, start), self.frames), min(self.frames, end)
        with soundfile.SoundFile(str(self.path)) as file:
            file.seek(start)
            samples: Frames = file.read(max(0, end - start), dtype="float32", always_2d=True)
        return samples


def decode_master(
    path: Path,
    found: Probe,
    limits: Limits,
    folder: Path,
    on_decoded: Callable[[float], None] = lambda _seconds: None,
) -> Master:
    """Decode the recording at *path* with its own sample rate and channels.

    Samples of lossless sound are kept as they are; others are rounded to 24 bits. Where time is
    missing there is silence, as in the recording that is recognised.

    Args:
        folder: where the file is written, whose name is ``master``.

    Raises:
        UnreadableAudio: nothing could be decoded, or there are several audio streams.
        LimitExceeded: there is more audio than *limits* allow.
        StoreUnavailable: the file cannot be written.
    """
    if len(found.streams) > 1:
        raise UnreadableAudio(str(path), "it has several audio streams; give a file with one")
    target = folder / "master"
    try:
        _decode(path, found, limits, target, on_decoded)
    except soundfile.SoundFileError as error:
        raise StoreUnavailable(f"cannot write decoded audio: {error}") from error
    return Master.open(target)


def rewritten(
    master: Master, target: Path, changed: Iterable[tuple[int, Frames]], comment: str
) -> Master:
    """A copy of *master* at *target* in which stretches are *changed*; every other sample is
    equal.

    Args:
        changed: where each stretch begins, in frames, and its samples; by start, without overlap.
        comment: what the file says of itself.

    Raises:
        StoreUnavailable: the file cannot be written.
    """
    shape = master.shape
    kind = _dtype(shape.subtype)
    try:
        with (
            soundfile.SoundFile(str(master.path)) as source,
            open_lossless(target, shape) as written,
        ):
            written.comment = comment
            at = 0
            for start, samples in changed:
                _copy(source, written, start - at, kind)
                written.write(_rounded(samples, shape.subtype))
                at = start + len(samples)
                source.seek(at)
            _copy(source, written, master.frames - at, kind)
    except soundfile.SoundFileError as error:
        raise StoreUnavailable(f"cannot write the result: {error}") from error
    return Master.open(target)


def _copy(source: soundfile.SoundFile, target: soundfile.SoundFile, frames: int, kind: str) -> None:
    while frames > 0:
        block = source.read(min(frames, _BLOCK), dtype=kind, always_2d=True)
        if not len(block):
            return
        target.write(block)
        frames -= len(block)


def open_lossless(path: Path, shape: Shape) -> soundfile.SoundFile:
    """A lossless file of that *shape*, open for writing."""
    return soundfile.SoundFile(
        str(path),
        "w",
        shape.sample_rate,
        shape.channels,
        shape.subtype,
        format=shape.container,
    )


def _dtype(subtype: str) -> str:
    """The type in which samples of that precision are copied without change."""
    if subtype.startswith("PCM_"):
        return "int16" if subtype == "PCM_16" else "int32"
    return "float64" if subtype == "DOUBLE" else "float32"


def _rounded(samples: Frames, subtype: str) -> NDArray[Any]:
    """Samples with the precision of a file, rounded and clipped; libsndfile would cut them off."""
    bits = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}.get(subtype)
    if bits is None:
        return samples
    full = float(1 << (bits - 1))
    whole = np.round(samples.astype(np.float64) * full).clip(-full, full - 1).astype(np.int64)
    if bits == 16:
        return whole.astype(np.int16)
    return (whole << (32 - bits)).astype(np.int32)


class _Writer:
    """A file of the shape of its first frame, to which frames are written.

    Attributes:
        frames: written so far.
    """

    def __init__(self, target: Path, found: Probe, first: AudioFrame) -> None:
        self.shape = _shape(found, first)
        self.frames = 0
        self._layout = first.layout.name
        self._file = open_lossless(target, self.shape)
        self._setup: tuple[str, str, int] | None = None
        self._resampler: AudioResampler | None = None

    @property
    def seconds(self) -> float:
        """Seconds written so far."""
        return self.frames / self.shape.sample_rate

    def take(self, frame: AudioFrame, time: float | None) -> None:
        """Write the frame that follows, which begins at *time* if that is known."""
        if time is not None and time - self.seconds > _GAP:
            self._be_silent(round((time - self.seconds) * self.shape.sample_rate))
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or setup != self._setup:
            self.flush()
            self._resampler = AudioResampler(
                _same_kind(frame.format, self.shape.subtype), self._layout, self.shape.sample_rate
            )
            self._setup = setup
        frame.pts = None
        self._convert(self._resampler, frame)

    def flush(self) -> None:
        """Write the rest of the frames so far; those after it begin anew."""
        if self._resampler is not None:
            self._convert(self._resampler, None)
        self._resampler = None

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _be_silent(self, frames: int) -> None:
        for first in range(0, frames, _BLOCK):
            block = np.zeros((min(_BLOCK, frames - first), self.shape.channels), np.int16)
            self._file.write(block)
            self.frames += len(block)

    def _convert(self, resampler: AudioResampler, frame: AudioFrame | None) -> None:
        try:
            resampled = resampler.resample(frame)
        except BROKEN:
            self._resampler = None
            return
        for each in resampled:
            samples = each.to_ndarray().reshape(-1, self.shape.channels)
            if samples.dtype == np.float32:
                samples = _rounded(samples.astype(np.float32), self.shape.subtype)
            self._file.write(samples)
            self.frames += len(samples)


def _decode(
    path: Path, found: Probe, limits: Limits, target: Path, on_decoded: Callable[[float], None]
) -> None:
    with path.open("rb") as file:
        parts = find_parts(file)
    index = found.streams[0].index if found.streams else None
    with ExitStack() as opened:
        writer: _Writer | None = None
        for part in parts:
            try:
                for frame, time in _frames(path, part, index, writer.seconds if writer else 0.0):
                    if writer is None:
                        writer = _Writer(target, found, frame)
                        opened.callback(writer.close)
                    writer.take(frame, time)
                    check_duration(path, writer.seconds, limits)
                    on_decoded(writer.seconds)
            except UnreadableAudio:
                if writer is None:
                    raise
            if writer is not None:
                writer.flush()
        if writer is None or not writer.frames:
            raise UnreadableAudio(str(path), "no audio could be decoded from it")


def _frames(
    path: Path, part: Part, index: int | None, begin: float
) -> Iterator[tuple[AudioFrame, float | None]]:
    """The frames of a part of a file that begins at *begin* seconds, with their times."""
    with open_part(path, part, index) as reader:
        for frame, time in reader.frames():
            yield frame, None if time is None else begin + time


def _same_kind(sample_format: AudioFormat, subtype: str) -> str:
    """The format in which samples are converted without change: rounding is done here."""
    if sample_format.name.startswith(("flt", "dbl")):
        return "dbl" if subtype == "DOUBLE" else "flt"
    return "s16" if subtype == "PCM_16" else "s32"


def _shape(found: Probe, frame: AudioFrame) -> Shape:
    channels = frame.layout.nb_channels
    container = _container(found, channels, frame.sample_rate)
    subtype = _subtype(found.codec, frame)
    if container == "FLAC" and subtype in ("FLOAT", "DOUBLE", "PCM_32"):
        container = "WAV"
    if container == "WAV" and _bytes(found, channels, frame.sample_rate) > _LARGEST_WAV // 2:
        container = "RF64"
    return Shape(
        container=container,
        subtype=subtype,
        sample_rate=frame.sample_rate,
        channels=channels,
    )


def _container(found: Probe, channels: int, sample_rate: int) -> str:
    container = _CONTAINERS.get(found.container, "FLAC")
    fits = channels <= MOST_CHANNELS and sample_rate in _RATES_OF_FLAC
    return "WAV" if container == "FLAC" and not fits else container


def _bytes(found: Probe, channels: int, sample_rate: int) -> float:
    return 8.0 * channels * sample_rate * (found.duration or 0.0)


def _subtype(codec: str, frame: AudioFrame) -> str:
    name = frame.format.name.rstrip("p")
    if not codec.startswith(_LOSSLESS):
        return "PCM_24"
    if name in ("flt", "dbl"):
        return "DOUBLE" if name == "dbl" else "FLOAT"
    if name in ("u8", "s16"):
        return "PCM_16"
    return "PCM_32" if "32" in codec or _has_32_bits(frame) else "PCM_24"


def _has_32_bits(frame: AudioFrame) -> bool:
    """Whether samples of a format of 32 bits have more than 24: no header that is read says so."""
    return bool((frame.to_ndarray().astype(np.int64) & 0xFF).any())
