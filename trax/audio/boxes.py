"""MP4 and QuickTime files one after another in one file (ISO 14496-12, section 4.2)."""

from collections.abc import Iterator

from trax.audio.headers import Bytes

_LONG_SIZE = 1  # stands for a size of 64 bits after the type
_SMALLEST = 8  # bytes of a box
_MOST_BOXES = 1_000_000


def file_starts(data: Bytes, start: int) -> Iterator[int]:
    """Offsets at which a further file begins in the MP4 file at *start*.

    A file has one box ``ftyp``; one that comes after an index and samples begins another file.
    """
    at = start
    seen: set[bytes] = set()
    for _ in range(_MOST_BOXES):
        head = data.at(at, 16)
        if len(head) < _SMALLEST:
            return
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind == b"ftyp" and {b"moov", b"mdat"} <= seen:
            yield at
            seen.clear()
        seen.add(kind)
        if size == _LONG_SIZE:
            size = int.from_bytes(head[8:16], "big")
        if size < _SMALLEST:
            return
        at += size
