"""Where a job's recording lies, as a file of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trax.errors import LimitExceeded, UnreadableAudio
from trax.store.objects import S3
from trax.work.workspace import Workspace


def located(source: Path | str) -> str:
    """A recording's place as a job keeps it: an absolute path, or ``s3://bucket/key`` as it is."""
    if isinstance(source, str) and source.startswith(S3):
        return source
    return str(Path(source).resolve())


@contextmanager
def recording_file(workspace: Workspace, source: str) -> Iterator[Path]:
    """The file of this machine that holds the recording at *source*.

    Raises:
        UnreadableAudio: it cannot be read; the message names *source*.
        LimitExceeded: it is too large; the message names *source*.
    """
    if not source.startswith(S3):
        yield Path(source)
        return
    try:
        yield workspace.objects.fetched(source)
    except (UnreadableAudio, LimitExceeded) as error:
        raise type(error)(source, error.reason) from error
