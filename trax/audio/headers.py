"""Headers that state less sound than their file holds, as a recorder leaves them that crashed."""

from dataclasses import dataclass
from typing import IO, Literal

Patch = tuple[int, bytes]
"""An offset within a part, and the bytes that are read there."""

_MAGIC = (
    b"RIFF",
    b"RIFX",
    b"RF64",
    b"BW64",
    b"riff",
    b"FORM",
    b"fLaC",
    b"OggS",
    b"caff",
    b".snd",
    b"\x1a\x45\xdf\xa3",
    b"\x30\x26\xb2\x75",
    b"MAC ",
    b"wvpk",
    b"TTA1",
    b"#!AMR",
)
"""How containers begin that are no bare stream of packets."""

_TAGS = (b"TAG", b"ID3", b"3DI", b"APETAGEX", b"LYRICSBEGIN")
"""How tags begin that follow the sound."""

_LEAST = 4096  # bytes; less is no sound worth reading
_SAMPLED = 1 << 16  # bytes that are looked at to tell sound from padding
_CHUNKS = 1000  # more are not looked at
_UNKNOWN_32 = 0xFFFFFFFF
_W64_HEADER = 24  # bytes of a chunk's GUID and size


class Bytes:
    """Random access to a file's bytes up to *end*."""

    def __init__(self, file: IO[bytes], end: int) -> None:
        self.end = end
        self._file = file

    def at(self, offset: int, count: int) -> bytes:
        """Up to *count* bytes at *offset*; fewer at the end."""
        count = min(count, self.end - offset)
        if count <= 0:
            return b""
        self._file.seek(offset)
        return self._file.read(count)


@dataclass(frozen=True, slots=True)
class _Sound:
    """The chunk that holds a container's samples.

    Attributes:
        field: offset of the number that states its size.
        width: bytes of that number.
        order: of its bytes.
        counted_from: offset from which the size counts.
        size: the size stated, in bytes.
    """

    field: int
    width: int
    order: Literal["little", "big"]
    counted_from: int
    size: int

    @property
    def end(self) -> int:
        """Offset after the last sample that is stated."""
        return self.counted_from + self.size

    def stating(self, size: int) -> bytes:
        """The number for *size* bytes; the largest number if it does not fit."""
        most = (1 << 8 * self.width) - 1
        return min(size, most).to_bytes(self.width, self.order)


def has_magic(data: Bytes, start: int) -> bool:
    """Whether a container begins at *start* that is known by its first bytes."""
    head = data.at(start, 12)
    return head.startswith(_MAGIC) or head[4:8] == b"ftyp"


def repaired(data: Bytes, start: int) -> tuple[tuple[Patch, ...], int]:
    """Patches for the header at *start*, and the offset after the part that it describes.

    The part ends before the end of the file only if another recording follows in it.
    """
    sound = _sound(data, start)
    if sound is None or sound.end >= data.end:
        return (), data.end
    following = _next_recording(data, sound, start)
    if following is not None:
        return (), following
    if not _more_sound(data, sound, start):
        return (), data.end
    return _patches(data, sound, start), data.end


def _next_recording(data: Bytes, sound: _Sound, start: int) -> int | None:
    """Where after *sound* and the chunks that follow it another file begins of the same kind."""
    magic = data.at(start, 4)
    for at in (sound.end, sound.end + 1):
        for _ in range(_CHUNKS):
            if data.at(at, 4) == magic:
                return at
            if magic not in (b"RIFF", b"FORM") or not _is_chunk(data, at, start):
                break
            size = _number(data, at + 4, 4, _order(magic))
            at += 8 + size + size % 2
    return None


def _patches(data: Bytes, sound: _Sound, start: int) -> tuple[Patch, ...]:
    """Patches that make the samples reach up to the end of the file."""
    patch = (sound.field - start, sound.stating(data.end - sound.counted_from))
    if data.at(start, 4) != b"FORM":
        return (patch,)
    whole = min(data.end - start - 8, _UNKNOWN_32)
    return (4, whole.to_bytes(4, "big")), patch


def _more_sound(data: Bytes, sound: _Sound, start: int) -> bool:
    """Whether what follows the samples is neither another chunk nor a tag nor padding."""
    rest = data.end - sound.end
    if rest < _LEAST:
        return False
    if any(_is_chunk(data, at, start) for at in (sound.end, sound.end + 1)):
        return False
    middle = sound.end + rest // 2
    seen = data.at(sound.end, _SAMPLED) + data.at(middle, _SAMPLED)
    return not seen.startswith(_TAGS) and len(set(seen)) > 1


def _is_chunk(data: Bytes, at: int, start: int) -> bool:
    magic = data.at(start, 4)
    if magic == b"riff":
        return _W64_HEADER <= _number(data, at + 16, 8, "little") <= data.end - at
    if magic == b"caff":
        size, header = _number(data, at + 4, 8, "big"), 12
    else:
        size, header = _number(data, at + 4, 4, _order(magic)), 8
    name = data.at(at, 4)
    printable = all(0x20 <= byte < 0x7F for byte in name) and name[:1].isalnum()
    return printable and size <= data.end - at - header


def _sound(data: Bytes, start: int) -> _Sound | None:
    """The chunk of samples in the container at *start*, if its header is one that is known."""
    magic = data.at(start, 4)
    if magic in (b"RIFF", b"RIFX", b"RF64", b"BW64") and data.at(start + 8, 4) == b"WAVE":
        return _riff_sound(data, start, _order(magic))
    if magic == b"FORM" and data.at(start + 8, 3) == b"AIF":
        return _chunk_sound(data, start + 12, b"SSND", 4)
    if magic == b"caff":
        return _chunk_sound(data, start + 8, b"data", 8)
    if magic == b"riff":
        return _w64_sound(data, start)
    if magic == b".snd":
        return _au_sound(data, start)
    return None


def _riff_sound(data: Bytes, start: int, order: Literal["little", "big"]) -> _Sound | None:
    """The chunk ``data``; its size stands in ``ds64`` where 32 bits do not hold it (EBU 3306)."""
    at, long_size = start + 12, 0
    for _ in range(_CHUNKS):
        name, size = data.at(at, 4), _number(data, at + 4, 4, order)
        if name == b"ds64":
            long_size = at + 16
        if name == b"data" and size == _UNKNOWN_32 and long_size:
            size = _number(data, long_size, 8, order)
            return _Sound(long_size, 8, order, at + 8, 0 if size >> 63 else size)
        if name == b"data":
            # Nothing stated: everything up to the end is read anyway.
            known = 0 < size < _UNKNOWN_32
            return _Sound(at + 4, 4, order, at + 8, size) if known else None
        if len(name) < 4:
            return None
        at += 8 + size + size % 2
    return None


def _chunk_sound(data: Bytes, at: int, wanted: bytes, width: int) -> _Sound | None:
    """The chunk *wanted* among those from *at*, whose sizes have *width* bytes."""
    for _ in range(_CHUNKS):
        name, size = data.at(at, 4), _number(data, at + 4, width, "big")
        samples = at + 4 + width
        if name == wanted:
            return None if size >> 63 else _Sound(at + 4, width, "big", samples, size)
        if len(name) < 4:
            return None
        at = samples + size + (size % 2 if width == 4 else 0)
    return None


def _w64_sound(data: Bytes, start: int) -> _Sound | None:
    at = start + 40
    for _ in range(_CHUNKS):
        name, size = data.at(at, 4), _number(data, at + 16, 8, "little")
        if name == b"data":
            return _Sound(at + 16, 8, "little", at, 0 if size >> 63 else size)
        if len(name) < 4 or size < _W64_HEADER:
            return None
        at += size + -size % 8
    return None


def _au_sound(data: Bytes, start: int) -> _Sound:
    samples = start + _number(data, start + 4, 4, "big")
    return _Sound(start + 8, 4, "big", samples, _number(data, start + 8, 4, "big"))


def _order(magic: bytes) -> Literal["little", "big"]:
    return "big" if magic in (b"RIFX", b"FORM") else "little"


def _number(data: Bytes, at: int, width: int, order: Literal["little", "big"]) -> int:
    return int.from_bytes(data.at(at, width), order)
