"""What happens to jobs, and how far they are, as JSON."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from trax.progress import Heard
from trax.service.forecast import Expected
from trax.store import JobEvent, JobStatus
from trax.web.views.base import View


class ExpectedView(View):
    """When a job is expected to have ended, by how long stages took before and what waits."""

    end: datetime
    earliest: datetime = Field(description="Four jobs of five end between this")
    latest: datetime = Field(description="and this.")

    @classmethod
    def of(cls, expected: Expected | None) -> "ExpectedView | None":
        """The view of *expected*; ``None`` if nothing is."""
        return None if expected is None else cls.model_validate(expected)


EXPECTED = Field(
    None, description="When it is expected to have ended; null while too little is known."
)


class EventView(View):
    """Something that happened to a job."""

    job_id: str
    attempt: int = Field(description="Which time work on the job had begun.")
    at: datetime
    kind: str = Field(
        description="`queued`, `started`, `finished`, `failed` (a stage, which may be tried "
        "again), `noted`, or `ended`, whose text is how the job stands since."
    )
    text: str = Field(description="The stage, and what there is to say.")

    @classmethod
    def of(cls, job_id: str, event: JobEvent) -> "EventView":
        """The view of *event*."""
        return cls(
            job_id=job_id, attempt=event.attempt, at=event.at, kind=event.kind, text=event.text
        )


class ProgressView(View):
    """How far a job is."""

    job_id: str
    status: JobStatus
    stage: str
    progress: float = Field(description="How much of the stage is done, 0 to 1.")
    ahead: int = Field(description="How many jobs wait before it, while it is queued.")
    expected: ExpectedView | None = EXPECTED


class PassageView(View):
    """What was recognised in a stretch of the recording."""

    start: float = Field(description="Seconds.")
    end: float = Field(description="Seconds.")
    text: str


class PartialView(View):
    """What was recognised since the last of these; not in the order of time."""

    job_id: str
    passages: list[PassageView] = Field(
        description="Later steps may change words, add and remove some, and say who spoke them."
    )

    @classmethod
    def of(cls, job_id: str, heard: Sequence[Heard]) -> "PartialView":
        """The view of what was heard."""
        passages = [PassageView.model_validate(each) for each in heard]
        return cls(job_id=job_id, passages=passages)
