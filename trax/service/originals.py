"""Recordings as they were handed in, wherever they are kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import IO

from trax.errors import InvalidOption, UnreadableAudio
from trax.store.objects import S3, ObjectStore, StoredObject, file_chunks, file_digest
from trax.store.recordings import RecordingRecord
from trax.store.seekable import open_object
from trax.work.recordings import OBJECT
from trax.work.workspace import Workspace

Chunks = Callable[[int, int], Iterator[bytes]]
"""Gives the bytes from a first one on, so many, a part at a time."""


@dataclass(frozen=True, slots=True)
class Original:
    """A recording's own bytes.

    Attributes:
        source: where they lie, as a job names it.
        chunks: gives a part of them.
        open: opens them as a file that can be read anywhere.
    """

    source: str
    size_bytes: int
    modified_at: datetime
    chunks: Chunks
    open: Callable[[], IO[bytes]]


def find_original(workspace: Workspace, recording: RecordingRecord) -> Original | None:
    """The bytes of a recording, if they are still where some job found them that is seen."""
    for source in workspace.recordings.sources(recording):
        if source.startswith(OBJECT):
            found = _uploaded(workspace.objects, source)
        else:
            found = _in_file(workspace.objects, source, recording.sha256)
        if found is not None:
            return found
    return None


def stored(objects: ObjectStore, state: StoredObject, source: str = "") -> Original:
    """The bytes of an object."""
    return Original(
        source=source,
        size_bytes=state.size_bytes,
        modified_at=state.modified_at,
        chunks=partial(objects.chunks, state.key),
        open=partial(open_object, objects, state.key, state.size_bytes),
    )


def _uploaded(objects: ObjectStore, source: str) -> Original | None:
    state = objects.stat(source.removeprefix(OBJECT))
    return stored(objects, state, source) if state is not None else None


def _in_file(objects: ObjectStore, source: str, sha256: str) -> Original | None:
    """The file of this machine at *source*, or a copy of the object there, if it is still what it
    was.
    """
    try:
        path = objects.fetched(source) if source.startswith(S3) else Path(source)
        state = path.stat()
        if _digest(path, state.st_size, state.st_mtime_ns) != sha256:
            return None
    except (OSError, UnreadableAudio, InvalidOption):
        return None
    return Original(
        source=source,
        size_bytes=state.st_size,
        modified_at=datetime.fromtimestamp(state.st_mtime, UTC),
        chunks=partial(file_chunks, path),
        open=lambda: path.open("rb"),
    )


@lru_cache(maxsize=1000)
def _digest(path: Path, _size_bytes: int, _modified_ns: int) -> str:
    return file_digest(path)


@contextmanager
def opened(original: Original) -> Iterator[IO[bytes]]:
    """The bytes as a file, until the block ends."""
    file = original.open()
    try:
        yield file
    finally:
        file.close()
