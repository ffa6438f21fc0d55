"""What a file is by its first bytes, as far as that shows that it is no recording."""

import re

from trax.errors import UnreadableAudio

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PK\x03\x04", "an archive or a document"),
    (b"\x1f\x8b", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"Rar!\x1a\x07", "an archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database"),
)
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|head|body|!--)", re.IGNORECASE)


def check_beginning(name: str, data: bytes) -> None:
    """Refuse a file whose first bytes are *data* if they are another kind of file's.

    Raises:
        UnreadableAudio: it is no recording.
    """
    if _PAGE.match(data):
        raise UnreadableAudio(name, "it is a web page")
    for magic, kind in _OTHERS:
        if data.startswith(magic):
            raise UnreadableAudio(name, f"it is {kind}")
