"""One recording with one set of options: what is to be done."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trax.audio import check_file
from trax.errors import InvalidOption, LimitExceeded, UnreadableAudio
from trax.stages.options import TranscribeOptions
from trax.store import JobRequest
from trax.store.objects import S3, file_digest
from trax.work.workspace import Workspace

FOLLOWING = {
    "ingest": ("ingest", "recognise", "diarize", "enhance", "merge", "annotate", "publish"),
    "recognise": ("recognise", "enhance", "merge", "annotate", "publish"),
    "diarize": ("diarize", "merge", "annotate", "publish"),
    "enhance": ("enhance", "merge", "annotate", "publish"),
    "merge": ("merge", "annotate", "publish"),
    "annotate": ("annotate", "publish"),
    "publish": ("publish",),
}
"""Every stage, with the stages that have to be done again after it, itself included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done: travels between stages.

    Attributes:
        redo: stages to be done again although their results are kept.
    """

    request: JobRequest
    options: TranscribeOptions
    redo: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """A short name, the same for the same bytes and options."""
        return self.request.id


def identify(
    workspace: Workspace,
    source: Path | str,
    options: TranscribeOptions,
    redo_from: str | None = None,
) -> Job:
    """The job that transcribes *source* with *options*; from *redo_from* on, kept results are not
    used.

    Args:
        source: a path, or ``s3://bucket/key`` on the S3 server that is configured.

    Raises:
        UnreadableAudio: there is no such file, or it cannot be read.
        LimitExceeded: it is larger than allowed.
        InvalidOption: there is no such stage.
    """
    if redo_from is not None and redo_from not in FOLLOWING:
        raise InvalidOption(f"there is no stage {redo_from!r}; stages are {', '.join(FOLLOWING)}")
    where = (
        source if isinstance(source, str) and source.startswith(S3) else str(Path(source).resolve())
    )
    with recording_file(workspace, where) as file:
        size_bytes = check_file(file, workspace.limits)
        sha256 = file_digest(file)
    chosen = options.model_dump(mode="json")
    key = hashlib.sha256(json.dumps([sha256, chosen], sort_keys=True).encode()).hexdigest()
    request = JobRequest(
        key=key,
        recording_sha256=sha256,
        name=where.rsplit("/", 1)[-1],
        source=where,
        size_bytes=size_bytes,
        options=chosen,
    )
    return Job(
        request=request, options=options, redo=frozenset(FOLLOWING[redo_from] if redo_from else ())
    )


@contextmanager
def recording_file(workspace: Workspace, source: str) -> Iterator[Path]:
    """The file of this machine that holds the recording at *source*; what is wrong with it is said
    of *source*.
    """
    if not source.startswith(S3):
        yield Path(source)
        return
    try:
        yield workspace.objects.fetched(source)
    except (UnreadableAudio, LimitExceeded) as error:
        raise type(error)(source, error.reason) from error
