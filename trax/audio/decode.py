"""Decodes any container to 16 kHz FLAC, packet by packet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from trax.audio.container import BROKEN, open_container
from trax.audio.probe import Limits, check_duration
from trax.errors import StoreUnavailable, UnreadableAudio
from trax.transcript.span import format_clock

SAMPLE_RATE = 16_000
"""Hz; what every engine expects."""

_GAP = 0.1  # seconds: a smaller jump in the timestamps is encoder delay, not missing audio
_BROKEN_PACKETS = 2_000  # in a row, after which the rest of the file is given up

OnDecoded = Callable[[float], None]
"""Called with the seconds decoded so far."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The outcome of decoding.

    Attributes:
        duration: seconds written.
        warnings: sentences about what was missing or damaged.
    """

    duration: float
    warnings: tuple[str, ...]


def decode_to_flac(
    path: Path,
    target: Path,
    limits: Limits,
    on_decoded: OnDecoded = lambda _seconds: None,
    channels: int = 1,
) -> Decoded:
    """Decode *path* into a 16-bit 16 kHz FLAC file at *target*, mono or with all its *channels*.

    If the container's timestamps jump ahead, silence is written, so that times agree with the
    video. A file that ends early or is damaged is decoded as far as possible, with a warning.

    Raises:
        UnreadableAudio: not one sample could be decoded.
        LimitExceeded: there is more audio than *limits* allow, whatever the container declares.
        StoreUnavailable: *target* cannot be written.
    """
    with open_container(path) as (container, stream):
        reader = _Reader(container, stream, channels)
        frames_written = 0
        try:
            with _flac_file(target, channels) as file:
                for samples in reader.samples():
                    file.write(samples)
                    frames_written += len(samples)
                    check_duration(path, frames_written / SAMPLE_RATE, limits)
                    on_decoded(frames_written / SAMPLE_RATE)
        except soundfile.SoundFileError as error:
            raise StoreUnavailable(f"cannot write decoded audio: {error}") from error
    if frames_written == 0:
        raise UnreadableAudio(str(path), "no audio could be decoded from it")
    duration = frames_written / SAMPLE_RATE
    return Decoded(duration, (*_riff_cut_short(path), *reader.warnings(duration)))


def _flac_file(path: Path, channels: int) -> soundfile.SoundFile:
    return soundfile.SoundFile(str(path), "w", SAMPLE_RATE, channels, "PCM_16", format="FLAC")


class _Reader:
    """Decodes a stream once, counting damaged packets."""

    def __init__(self, container: InputContainer, stream: AudioStream, channels: int) -> None:
        self._container = container
        self._stream = stream
        self._channels = channels
        self._declared = container.duration / av.time_base if container.duration else None
        self._broken = 0
        self._resampler: AudioResampler | None = None
        self._setup: tuple[str, str, int] | None = None
        self._written = 0

    def samples(self) -> Iterator[NDArray[np.int16]]:
        """Resampled samples in chunks, each of shape ``(frames, channels)``."""
        for frame in self._frames():
            silence = self._missing_before(frame)
            if silence:
                yield from _silence(silence, self._channels)
                self._written += silence
            for resampled in self._resampled(frame):
                self._written += len(resampled)
                yield resampled
        yield from self._flushed()

    def warnings(self, duration: float) -> tuple[str, ...]:
        """What was wrong with a stream of which *duration* seconds were decoded."""
        found = []
        declared = self._declared or 0.0
        if duration < declared - max(1.0, 0.02 * declared):
            found.append(
                f"the file ends early: it declares {format_clock(declared)} "
                f"and {format_clock(duration)} could be decoded"
            )
        if self._broken:
            found.append(f"{self._broken} damaged packets were skipped")
        streams = len(self._container.streams.audio)
        if streams > 1:
            found.append(
                f"the file has {streams} audio streams; stream {self._stream.index} was used"
            )
        return tuple(found)

    def _frames(self) -> Iterator[AudioFrame]:
        packets = self._container.demux(self._stream)
        in_a_row = 0
        while in_a_row < _BROKEN_PACKETS:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except BROKEN:
                self._broken += 1
                return
            try:
                yield from packet.decode()
                in_a_row = 0
            except BROKEN:
                self._broken += 1
                in_a_row += 1

    def _missing_before(self, frame: AudioFrame) -> int:
        """Samples of silence to write before *frame*; none if its time is past the declared end."""
        if frame.time is None or self._declared is None or frame.time > self._declared:
            return 0
        gap = frame.time - self._written / SAMPLE_RATE
        return round(gap * SAMPLE_RATE) if gap > _GAP else 0

    def _resampled(self, frame: AudioFrame) -> Iterator[NDArray[np.int16]]:
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or setup != self._setup:
            yield from self._flushed()
            layout = "mono" if self._channels == 1 else self._stream.layout.name
            self._resampler = AudioResampler("s16", layout, SAMPLE_RATE)
            self._setup = setup
        frame.pts = None
        yield from self._converted(self._resampler, frame)

    def _flushed(self) -> Iterator[NDArray[np.int16]]:
        if self._resampler is not None and self._setup is not None:
            yield from self._converted(self._resampler, None)

    def _converted(
        self, resampler: AudioResampler, frame: AudioFrame | None
    ) -> Iterator[NDArray[np.int16]]:
        try:
            for resampled in resampler.resample(frame):
                samples = resampled.to_ndarray().astype(np.int16, copy=False)
                yield samples.reshape(-1, self._channels)
        except BROKEN:
            self._broken += 1
            self._setup = None  # the next frame gets a new resampler


def _riff_cut_short(path: Path) -> tuple[str, ...]:
    """A warning if a RIFF header declares more bytes than there are, which FFmpeg ignores."""
    with path.open("rb") as file:
        head = file.read(8)
    declared = int.from_bytes(head[4:8], "little") + 8
    actual = path.stat().st_size
    if head[:4] != b"RIFF" or declared <= actual or declared >= 0xFFFFFFFF:
        return ()
    return (f"the file ends early: it declares {declared} bytes and has {actual}",)


def _silence(samples: int, channels: int) -> Iterator[NDArray[np.int16]]:
    block = np.zeros((SAMPLE_RATE, channels), dtype=np.int16)
    whole, rest = divmod(samples, SAMPLE_RATE)
    for _ in range(whole):
        yield block
    yield block[:rest]
