"""Where in a file its sound lies: behind tags, under wrong headers, in the links of a chain."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from trax.audio.boxes import file_starts
from trax.audio.headers import Bytes, Patch, has_magic, repaired
from trax.audio.ogg import link_starts

_ID3_HEADER = 10  # bytes
_FOOTER = 0x10  # flag of ID3v2.4
_FTYP_ZEROS = 3  # with which MP4 begins
_PADDING = 1 << 20  # zero bytes that may follow a tag
_MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that is read as a file of its own.

    Attributes:
        start: offset of its first byte.
        end: offset after its last byte.
        patches: bytes of its header that are replaced.
    """

    start: int
    end: int
    patches: tuple[Patch, ...] = ()


def find_parts(file: IO[bytes]) -> tuple[Part, ...]:
    """The parts of *file*, in order; nearly always one, the whole file."""
    end = os.fstat(file.fileno()).st_size
    found = tuple(parts_in(Bytes(file, end)))
    file.seek(0)
    return found or (Part(0, end),)


def parts_in(data: Bytes) -> Iterator[Part]:
    """The parts of a file, in order; none if it has no bytes."""
    start = after_id3(data)
    if not has_magic(data, start):
        start = 0  # MP3 keeps its tags
    further = None
    if data.at(start, 4) == b"OggS":
        further = link_starts(data, start)
    elif data.at(start + 4, 4) == b"ftyp":
        further = file_starts(data, start)
    if further is not None:
        starts = [start, *further][:_MOST_PARTS]
        ends = [*starts[1:], data.end]
        for first, past in zip(starts, ends, strict=True):
            yield Part(first, past)
        return
    for _ in range(_MOST_PARTS):
        patches, stop = repaired(data, start)
        yield Part(start, stop, patches)
        if stop >= data.end:
            return
        start = stop


def after_id3(data: Bytes) -> int:
    """Where what follows ID3 tags begins."""
    start = 0
    while data.at(start, 3) == b"ID3":
        start = _after_tag(data, start)
    return start


def _after_tag(data: Bytes, start: int) -> int:
    """Where the tag at *start* ends, with its footer and the zeros after it.

    Some writers give the size in plain bytes, not in seven bits each as the standard says.
    """
    head = data.at(start, _ID3_HEADER).ljust(_ID3_HEADER, b"\0")
    footer = _ID3_HEADER if head[5] & _FOOTER else 0
    sizes = (_seven_bits(head[6:10]), int.from_bytes(head[6:10], "big"))
    ends = [start + _ID3_HEADER + size + footer for size in sizes]
    for end in (ends[0], ends[0] - footer, ends[1]):
        padded = _after_zeros(data, end)
        for begin in (end, padded, padded - _FTYP_ZEROS):
            if has_magic(data, begin) or data.at(begin, 3) == b"ID3":
                return begin
    return ends[0]


def _seven_bits(size: bytes) -> int:
    value = 0
    for byte in size:
        value = value << 7 | byte & 0x7F
    return value


def _after_zeros(data: Bytes, start: int) -> int:
    padding = data.at(start, _PADDING)
    return start + len(padding) - len(padding.lstrip(b"\0"))


class PartOfFile:
    """A part of a file as a file for PyAV.

    An impossible seek returns an error instead of raising one: PyAV would print the traceback.
    """

    def __init__(self, file: IO[bytes], part: Part) -> None:
        self._file = file
        self._part = part
        self.seek(0)

    @property
    def size(self) -> int:
        """Bytes."""
        return self._part.end - self._part.start

    def tell(self) -> int:
        """The position in bytes."""
        return self._file.tell() - self._part.start

    def read(self, count: int) -> bytes:
        """Up to *count* bytes at the position; fewer at the end."""
        at = self.tell()
        found = self._file.read(max(0, min(count, self.size - at)))
        for offset, patch in self._part.patches:
            if at < offset + len(patch) and offset < at + len(found):
                found = _overlaid(found, offset - at, patch)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new position, or a negative error number as FFmpeg expects."""
        bases = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self.size}
        position = bases[whence] + offset if whence in bases else -1
        if position < 0:
            return -errno.EINVAL
        try:
            return self._file.seek(self._part.start + position) - self._part.start
        except (OSError, ValueError):
            return -errno.EINVAL


def _overlaid(found: bytes, at: int, patch: bytes) -> bytes:
    """*found* with *patch* at offset *at*, which may reach over either end."""
    patched = bytearray(found)
    for number, byte in enumerate(patch, start=at):
        if 0 <= number < len(found):
            patched[number] = byte
    return bytes(patched)
