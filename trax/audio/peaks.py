"""How loud a recording is over time, to be drawn: the format of BBC's audiowaveform, version 2."""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from trax.audio.waveform import StoredAudio
from trax.errors import DamagedObject

MEDIA_TYPE = "application/octet-stream"

_HEADER = struct.Struct("<iIiiII")
_VERSION = 2
_EIGHT_BITS = 1  # flag
_BLOCK = 512  # points at once
_FULL = 127.0


@dataclass(frozen=True, slots=True)
class PeaksHeader:
    """What a file of peaks says of itself.

    Attributes:
        sample_rate: Hz, of the sound.
        samples_per_pixel: that each point stands for.
        length: points; each has a lowest and a highest value from -128 to 127, a byte each.
    """

    sample_rate: int
    samples_per_pixel: int
    length: int

    SIZE_BYTES: ClassVar[int] = _HEADER.size

    @property
    def packed(self) -> bytes:
        """The bytes at the file's beginning."""
        shape = (self.sample_rate, self.samples_per_pixel, self.length, 1)
        return _HEADER.pack(_VERSION, _EIGHT_BITS, *shape)

    @classmethod
    def read(cls, data: bytes, name: str) -> Self:
        """The header that the bytes *data* begin with; *name* is used in the error.

        Raises:
            DamagedObject: they begin with none.
        """
        if len(data) < _HEADER.size:
            raise DamagedObject(name, "its header is not whole")
        version, flags, *shape, channels = _HEADER.unpack(data[: _HEADER.size])
        if (version, flags, channels) != (_VERSION, _EIGHT_BITS, 1):
            raise DamagedObject(name, "it holds no peaks of one channel in 8 bits")
        return cls(*shape)


def write_peaks(
    audio: StoredAudio, target: Path, per_second: int, progress: Callable[[float], None]
) -> None:
    """Write the peaks of *audio* to *target*, *per_second* points for each second.

    Memory does not grow with the length.

    Args:
        progress: called with the share done.
    """
    step = audio.sample_rate // per_second
    with soundfile.SoundFile(str(audio.path)) as file, target.open("wb") as written:
        length = -(-file.frames // step)
        written.write(PeaksHeader(audio.sample_rate, step, length).packed)
        at = 0
        for block in file.blocks(_BLOCK * step, dtype="float32"):
            written.write(_points(block, step).tobytes())
            at += len(block)
            progress(at / file.frames)


def peaks_as_json(header: PeaksHeader, points: Iterable[bytes]) -> Iterator[bytes]:
    """The JSON form of peaks, a part at a time; *points* is what follows the header."""
    fields = (
        f'{{"version":{_VERSION},"channels":1,"sample_rate":{header.sample_rate},'
        f'"samples_per_pixel":{header.samples_per_pixel},"bits":8,"length":{header.length},"data":['
    )
    yield fields.encode()
    comma = b""
    for block in points:
        values: NDArray[np.int8] = np.frombuffer(block, dtype=np.int8)
        yield comma + ",".join(map(str, values.tolist())).encode()
        comma = b","
    yield b"]}"


def _points(block: NDArray[np.float32], step: int) -> NDArray[np.int8]:
    """Lowest and highest value of every *step* samples, shape ``(points, 2)``."""
    padded = np.pad(block, (0, -len(block) % step), mode="edge").reshape(-1, step)
    ends = np.stack([padded.min(axis=1), padded.max(axis=1)], axis=1)
    scaled: NDArray[np.int8] = np.round(ends * _FULL).clip(-128, 127).astype(np.int8)
    return scaled
