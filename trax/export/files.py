"""Files that are there whole or not at all."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trax.errors import StoreError


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
