"""Files that are there whole or not at all, under names that a folder can hold."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trax.errors import StoreError

_LONGEST_NAME = 255  # bytes, of nearly every file system
_SUFFIX = 5  # bytes of the longest: .json


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes *target* once the block ends well.

    The folder is made if missing. After an error nothing is left, and *target* is as it was.

    Raises:
        StoreError: the file or its folder cannot be written.
    """
    partial = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror or error}") from error


def write_file(target: Path, data: bytes) -> None:
    """Write *data* to *target*. Raises as `replacing` does."""
    with replacing(target) as partial:
        partial.write_bytes(data)


def numbered(stem: str, number: int) -> str:
    """A file's name without its suffix, with a number from the second of its name on.

    >>> numbered("talk", 1), numbered("talk", 3)
    ('talk', 'talk-3')
    """
    return stem if number == 1 else f"{stem}-{number}"


def fitting(stem: str, folder: Path | None = None, suffix_bytes: int = _SUFFIX) -> str:
    """*stem*, shortened if *folder* cannot hold a file of that name with a suffix.

    A shortened name ends with a digest of the whole, so that two of them stay apart.

    >>> fitting("interview"), len(fitting("é" * 127).encode())
    ('interview', 249)
    """
    room = _longest_name(folder) - suffix_bytes
    if len(os.fsencode(stem)) <= room:
        return stem
    digest = hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]
    short = stem
    while len(os.fsencode(short)) + len(digest) + 1 > room:
        short = short[:-1]
    return f"{short}-{digest}"


def _longest_name(folder: Path | None) -> int:
    """The bytes that a name may have in *folder*; of most file systems if it cannot be asked."""
    if folder is None:
        return _LONGEST_NAME
    try:
        return min(_LONGEST_NAME, os.pathconf(folder, "PC_NAME_MAX"))
    except (OSError, ValueError, AttributeError):  # not made yet; no such question on this system
        return _LONGEST_NAME
