"""Where a job's recording lies, as a file of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trax.errors import DamagedObject, LimitExceeded, UnreadableAudio
from trax.store import ObjectRef
from trax.store.objects import S3
from trax.work.workspace import Workspace

OBJECT = "object:"
"""How the place of a recording begins that is kept in the workspace's object store."""

UPLOADS = "uploads/"
"""Where in the object store such recordings are: under their SHA-256 and name."""


def located(source: Path | str) -> str:
    """A recording's place as a job keeps it: an absolute path; ``s3://bucket/key`` and
    ``object:key`` as they are. A symbolic link keeps its own name, by which people know it.
    """
    if isinstance(source, str) and not is_file(source):
        return source
    path = Path(source)
    return str(path.parent.resolve() / path.name)


def is_file(place: str) -> bool:
    """Whether a recording's place is a path of this machine."""
    return not place.startswith((S3, OBJECT))


@contextmanager
def recording_file(workspace: Workspace, source: str) -> Iterator[Path]:
    """The file of this machine that holds the recording at *source*.

    What is raised while an upload is in use names it as its owner does, and not where it is kept.

    Raises:
        UnreadableAudio: it cannot be read; the message names *source*.
        LimitExceeded: it is too large; the message names *source*.
    """
    if source.startswith(OBJECT):
        kept = _uploaded(workspace, source)
        try:
            yield kept
        except (UnreadableAudio, LimitExceeded) as error:
            raise type(error)(kept.name, error.reason) from error
        return
    if not source.startswith(S3):
        yield Path(source)
        return
    try:
        yield workspace.objects.fetched(source)
    except (UnreadableAudio, LimitExceeded) as error:
        raise type(error)(source, error.reason) from error


def _uploaded(workspace: Workspace, source: str) -> Path:
    key = source.removeprefix(OBJECT)
    parts = key.split("/")
    if not key.startswith(UPLOADS) or len(parts) != 3 or not all(parts):
        raise UnreadableAudio(source, "no recording is kept there")
    try:
        return workspace.objects.local_path(ObjectRef(key, sha256=parts[1], size_bytes=0))
    except DamagedObject as error:
        raise UnreadableAudio(source, f"{error.reason}; upload it again") from error
