"""Chained Ogg files (RFC 3533, section 4): several streams, one after another."""

from collections.abc import Iterator

from trax.audio.headers import Bytes

_HEADER = 27  # bytes, before the table of segments
_FIRST = 0x02  # flag of the first page of a stream
_CODECS = (b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC", b"\x80theora", b"fishead\0")
"""How the first packet of a stream begins."""


def link_starts(data: Bytes, start: int) -> Iterator[int]:
    """Offsets at which a further link begins in the Ogg file at *start*.

    Streams that begin together belong to one link.
    """
    inside = False
    at = start
    while (head := data.at(at, _HEADER))[:4] == b"OggS" and len(head) == _HEADER:
        segments = data.at(at + _HEADER, head[26])
        body = at + _HEADER + len(segments)
        first = bool(head[5] & _FIRST) and data.at(body, 8).startswith(_CODECS)
        if first and inside:
            yield at
        inside = not first
        at = body + sum(segments)
