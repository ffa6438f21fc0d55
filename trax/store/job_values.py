"""What a job is, and how it stands."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"
    """Running by its row, but its process has not been heard of for a while. Never stored."""


ENDED = frozenset((JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED))
"""Where a job stays until somebody starts it again."""


def has_forgotten(options: Mapping[str, Any]) -> bool:
    """Whether a voice was forgotten that a job with these options speaks in or replaces."""
    return any(each.get("forgotten") for each in options.get("replacements", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What makes a job the one it is, and how to find its subject again.

    Attributes:
        pipeline: name of the pipeline.
        key: digest of the subject and the options: the same for the same job.
        recording_sha256: digest of the recording's bytes; ``None`` if the subject is something
            else.
        name: the subject's name, for people.
        source: where the subject lies.
        size_bytes: of the recording; 0 without one.
        options: as JSON.
        account: whose it is; empty if it is nobody's. The same recording of somebody else is
            another job.
        folder_id: the folder in which it is shared; ``None`` if it is in none.
        given: how many jobs like it of the same account were made another's before.
    """

    pipeline: str
    key: str
    recording_sha256: str | None
    name: str
    source: str
    size_bytes: int
    options: dict[str, Any]
    account: str = ""
    folder_id: str | None = None
    given: int = 0

    @property
    def id(self) -> str:
        """A short name, the same for the same job."""
        return self.key[:12]

    @property
    def whose(self) -> str:
        """What keeps its results apart from those of others; empty if it is nobody's."""
        return f"{self.account} {self.given}" if self.given else self.account

    def anew(self) -> "JobRequest":
        """Another job like this one, in place of one that was made another's."""
        key = hashlib.sha256(f"{self.key} given".encode()).hexdigest()
        return replace(self, key=key, given=self.given + 1)


class Renewal(StrEnum):
    """What a process learns when it says that it still works on a job."""

    HELD = "held"
    CANCEL = "cancel"
    """Somebody asked for the job to be cancelled."""
    LOST = "lost"
    """Another process works on it by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as the database knows it.

    Attributes:
        progress: share of the stage that is done, 0 to 1.
        error: the failure report; ``None`` if it did not fail.
        attempts: how often work on it began.
        queued_at: since when a service is to see that it is done; ``None`` if none is.
        cancel_requested_at: since when it is to be cancelled; ``None`` if nobody asked.
    """

    id: str
    pipeline: str
    recording_sha256: str | None
    name: str
    source: str
    options: dict[str, Any]
    status: JobStatus
    stage: str
    progress: float
    attempts: int
    error: dict[str, Any] | None
    owner: str
    flow_run_id: str
    transcript_id: str | None
    transcript_version: int | None
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    account: str = ""
    folder_id: str | None = None
