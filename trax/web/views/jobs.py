"""Jobs as JSON."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from trax.errors import known_codes
from trax.progress import StageRun
from trax.service.serving import Details
from trax.service.targets import LONGEST
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import RevoiceOptions
from trax.store import JobRecord, JobStatus
from trax.web.views.base import Given, View
from trax.web.views.events import EXPECTED, ExpectedView
from trax.web.views.webhooks import NewWebhookView, WebhookRequest
from trax.work.failure import UNFORESEEN, Remedy, failure_code, remedy_of

_JOB: JsonDict = {
    "id": "3f2a9c01aa10",
    "pipeline": "transcribe",
    "name": "interview.mp3",
    "status": "running",
    "stage": "recognise",
    "progress": 0.4,
    "attempts": 1,
    "cancelling": False,
    "created_at": "2026-11-26T20:00:00Z",
    "started_at": "2026-11-26T20:00:01Z",
    "options": {},
}


class NewJob(Given):
    """A recording to transcribe, or one in which voices are to be replaced."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"upload": "Zk3pT0wQ1uA", "options": {"recognition": {"plan": "accurate"}}},
                {"uri": "s3://recordings/2026/interview.mp3"},
                {
                    "upload": "Zk3pT0wQ1uA",
                    "revoice": {"replacements": [{"speaker": "Speaker 2", "voice": "af_heart"}]},
                },
            ]
        },
    )

    upload: str | None = Field(None, description="Id of an upload.")
    uri: str | None = Field(
        None,
        max_length=LONGEST,
        description="`s3://bucket/key` on the service's S3 server, or where the service allows it "
        "`https://…` at a public address, which is fetched first.",
    )
    options: TranscribeOptions = Field(TranscribeOptions(), description="How to transcribe it.")
    revoice: RevoiceOptions | None = Field(
        None,
        description="Replace voices in it: whose, and by which. How it is transcribed for that is "
        "its `transcription`; `options` are not used. A `reference` is the id of an upload.",
    )
    webhook: WebhookRequest | None = Field(
        None, description="Where to tell of this job, from now to its end."
    )
    folder: str | None = Field(None, description="Id of the folder in which it is shared.")


class Failure(View):
    """Why a job failed."""

    stage: str = Field(description="The stage that failed; empty if none was running.")
    detail: str = Field(description="What went wrong, in one sentence.")
    advice: str = Field(description="What to do.")
    code: str = Field(
        description="Names the kind of error, for programs.",
        json_schema_extra={"enum": [*known_codes(), UNFORESEEN]},
    )
    remedy: Remedy = Field(description="Names the advice, for programs.")


class TranscriptLink(View):
    """The transcript that a job made."""

    id: str
    version: int


class JobView(View):
    """A recording that is transcribed with some options, however often it is asked for."""

    model_config = ConfigDict(json_schema_extra={"example": _JOB})

    id: str
    pipeline: str = Field(
        description="`transcribe`, `revoice` where voices are replaced, or `adapt` where an "
        "adapter is made."
    )
    name: str = Field(description="The recording's name.")
    recording_sha256: str | None = Field(description="SHA-256 of the recording's bytes, hex.")
    status: JobStatus = Field(
        description="`queued`, `running`, `completed`, `failed`, `cancelled`, or `lost` if the "
        "process that worked on it is gone; a lost job is queued again."
    )
    stage: str = Field(description="The stage at work; the one that began last of several.")
    progress: float = Field(description="How much of the stage is done, 0 to 1.")
    attempts: int = Field(description="How often work on it has begun.")
    cancelling: bool = Field(description="Whether it is to be cancelled.")
    failure: Failure | None
    transcript: TranscriptLink | None
    options: dict[str, Any] = Field(description="How it is transcribed.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: JobRecord) -> "JobView":
        """The view of *job*."""
        return cls(**_values(job))


def _values(job: JobRecord) -> dict[str, Any]:
    return {
        "id": job.id,
        "pipeline": job.pipeline,
        "name": job.name,
        "recording_sha256": job.recording_sha256,
        "status": job.status,
        "stage": job.stage,
        "progress": job.progress,
        "attempts": job.attempts,
        "cancelling": job.status == JobStatus.RUNNING and job.cancel_requested_at is not None,
        "failure": _failure(job.error),
        "transcript": _link(job),
        "options": job.options,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _failure(report: dict[str, Any] | None) -> Failure | None:
    if report is None:
        return None
    return Failure(
        stage=report.get("stage", ""),
        detail=report.get("error", ""),
        advice=report.get("resume", ""),
        code=failure_code(report),
        remedy=remedy_of(report),
    )


def _link(job: JobRecord) -> TranscriptLink | None:
    if job.transcript_id is None or job.transcript_version is None:
        return None
    return TranscriptLink(id=job.transcript_id, version=job.transcript_version)


class SubmittedView(JobView):
    """A job as it was asked for."""

    webhook: NewWebhookView | None = Field(
        None,
        description="The webhook that was made for it, with its secret, which is shown once; null "
        "if none was asked for, or the same was made before.",
    )


class StageView(View):
    """How a stage of a job went."""

    stage: str
    seconds: float
    cached: bool = Field(description="Whether an earlier result was taken.")
    engine: str = Field(description="What worked, with its version.")

    @classmethod
    def of(cls, run: StageRun) -> "StageView":
        """The view of *run*."""
        return cls(
            stage=run.stage, seconds=round(run.seconds, 3), cached=run.cached, engine=run.engine
        )


class JobDetails(JobView):
    """A job with its stages."""

    stages: list[StageView] = Field(description="Stages that have ended, in that order.")
    ahead: int = Field(description="How many jobs wait before it, while it is queued.")
    expected: ExpectedView | None = EXPECTED

    @classmethod
    def showing(cls, details: Details) -> "JobDetails":
        """The view of *details*."""
        return cls(
            **_values(details.job),
            stages=[StageView.of(run) for run in details.runs],
            ahead=details.ahead,
            expected=ExpectedView.of(details.expected),
        )


class ManyJobs(Given):
    """Which jobs."""

    jobs: list[str] = Field(
        [], max_length=1000, description="Ids; none is every job that did not succeed."
    )


class JobList(View):
    """Some jobs."""

    items: list[JobView]


class JobPage(View):
    """Some jobs, newest first."""

    items: list[JobView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")
