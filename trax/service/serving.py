"""A service: what it works with, and jobs as it takes, shows and ends them."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from trax import errors
from trax.audio.activity import frame_probabilities
from trax.errors import (
    AccessDenied,
    Cancelled,
    EngineError,
    InputError,
    InvalidOption,
    NotFound,
    StoreUnavailable,
    TraxError,
)
from trax.live.listening import Activity
from trax.pipelines.jobs import Options, identify_job, request_of
from trax.pipelines.transcribe import TRANSCRIBE
from trax.progress import StageRun
from trax.service.access import Access, Caller
from trax.service.adapters import check_adapter
from trax.service.allowances import UNLIMITED, Allowances, check_minutes
from trax.service.checks import checked_options
from trax.service.folders import check_folder
from trax.service.forecast import Expected
from trax.service.targets import Targets
from trax.service.workers import Workers
from trax.settings import Settings
from trax.stages.options import TranscribeOptions
from trax.store import JobRecord, JobRequest, JobStatus, Key, ObjectRef, Upload
from trax.store.job_values import ENDED
from trax.store.objects import S3
from trax.telemetry.logs import FIELDS
from trax.work.graph import Pipeline
from trax.work.workspace import Workspace

_log = logging.getLogger("trax")

LONGEST_KEY = 255
"""Characters of the key that somebody asks with."""

KEYS_KEPT = timedelta(days=30)
"""How long a key stands for the request that it was first used for."""


def nothing_expected(_job_id: str) -> Expected | None:
    """Nothing is foretold."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a service works with.

    Attributes:
        workers: see to it that queued jobs are done.
        targets: judges addresses that callers name.
        allowances: what each caller may ask for.
        hears: tells speech in live sound.
        is_ready: whether jobs can be worked on now.
        forecast: when the job with an id is expected to have ended, if that can be said.
    """

    workspace: Workspace
    settings: Settings
    workers: Workers
    access: Access
    is_ready: Callable[[], bool] = lambda: True
    forecast: Callable[[str], Expected | None] = nothing_expected
    targets: Targets = field(default_factory=Targets)
    allowances: Allowances = UNLIMITED
    hears: Activity = frame_probabilities


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job that was asked for.

    Attributes:
        is_new: whether it was queued by that; false if it is done or under way already.
    """

    job: JobRecord
    is_new: bool


def has_language_model(service: Service) -> bool:
    """Whether a language model is configured."""
    return service.workspace.engines.language_model() is not None


def is_over(job: JobRecord) -> bool:
    """Whether a job stays as it is unless somebody starts it again."""
    return job.status in ENDED


def failure_of(job: JobRecord) -> TraxError:
    """The error that says why *job* has no transcript, of the class that it had."""
    if job.error is None:
        return Cancelled(f"job {job.id} was cancelled")
    sentence = str(job.error.get("error", ""))
    kind = next(iter(job.error.get("causes", ())), "").partition(":")[0]
    found = getattr(errors, kind, EngineError)
    if job.status is JobStatus.CANCELLED:
        return Cancelled(sentence)
    if isinstance(found, type) and issubclass(found, InputError):
        return InputError(sentence)
    return EngineError(sentence)


def submit(
    service: Service,
    caller: Caller,
    recording: Upload | str,
    options: TranscribeOptions,
    key: str = "",
    folder_id: str | None = None,
) -> Submitted:
    """Have a recording transcribed. The same bytes of the same caller with the same options are the
    same job; nobody learns what others have.

    Args:
        recording: an upload, or ``s3://bucket/key`` on the S3 server that is configured.
        key: the caller's name for this request: asking again with it changes nothing.
        folder_id: the folder in which a new job and its transcript are shared.

    Raises:
        NotFound: the caller sees no such folder.
        AccessDenied: they may not change what is in it.
        InvalidOption: an option makes no sense, the key stands for another request, or the place
            is not one that this service reads.
        UnreadableAudio: there is no such recording.
        LimitExceeded: it is larger than allowed.
    """
    chosen = checked_options(options, service.settings)
    check_adapter(service.workspace, caller.sight, chosen.recognition.adapter)
    return submit_run(service, caller, TRANSCRIBE, recording, chosen, key, folder_id)


def submit_run(
    service: Service,
    caller: Caller,
    pipeline: Pipeline[Options],
    recording: Upload | str,
    options: Options,
    key: str = "",
    folder_id: str | None = None,
) -> Submitted:
    """Have a pipeline run on a recording, with options that were checked; the other arguments and
    errors are those of `submit`.
    """
    if folder_id is not None:
        check_folder(service.workspace, caller, folder_id)
    request = _request(service.workspace, pipeline, recording, options, caller)
    request = replace(request, folder_id=folder_id)
    return queued(service, caller, request, key)


def queued(service: Service, caller: Caller, request: JobRequest, key: str = "") -> Submitted:
    """Queue a job, unless it is done or under way.

    Raises:
        InvalidOption: the key is too long, or stands for another request.
        TooManyRequests: the caller has as many jobs, or has had as many minutes, as they may.
    """
    if len(key) > LONGEST_KEY:
        raise InvalidOption(f"the key has more than {LONGEST_KEY} characters")
    request = service.workspace.jobs.own(request)
    named = Key(caller.id, key) if key else None
    if not service.workspace.jobs.known([request.id]):
        check_minutes(service.allowances, service.workspace.jobs, caller)
    is_new = service.workspace.queue.put(request, named, _most_jobs(service, caller))
    if is_new:
        service.workers.submit(request)
        _log.info("a job is queued", extra={FIELDS: {"job": request.id}})
    return Submitted(get(service, request.id), is_new)


def check_allowed(service: Service, caller: Caller) -> None:
    """Refuse one more job of a caller before anything is done for it.

    Raises:
        TooManyRequests: they have as many jobs, or have had as many minutes, as they may.
    """
    check_minutes(service.allowances, service.workspace.jobs, caller)
    service.workspace.queue.check_room(caller.account, _most_jobs(service, caller))


def _most_jobs(service: Service, caller: Caller) -> int:
    """How many jobs of a caller may be there that have not ended; 0: any number."""
    return service.allowances.jobs if caller.account else 0


def forget_old_keys(service: Service) -> None:
    """Let keys be used for other requests that were used long ago."""
    service.workspace.queue.forget_keys_before(datetime.now(UTC) - KEYS_KEPT)


def _request(
    workspace: Workspace,
    pipeline: Pipeline[Options],
    recording: Upload | str,
    options: Options,
    caller: Caller,
) -> JobRequest:
    account = caller.account
    if isinstance(recording, Upload):
        size_bytes, sha256 = recording.size_bytes, recording.sha256
        return request_of(pipeline, recording.source, sha256, size_bytes, options, account)
    if not recording.startswith(S3):
        raise InvalidOption("a recording's place must begin with s3://; or upload it")
    if not caller.sight.is_whole and recording.startswith(_own_bucket(workspace)):
        raise AccessDenied("what lies in the service's own bucket is for administrators")
    return identify_job(pipeline, workspace, recording, options, account=account).request


def _own_bucket(workspace: Workspace) -> str:
    """How the places begin of what the service itself keeps: recordings of anybody."""
    name = "x"
    return workspace.objects.place(ObjectRef(name, sha256="", size_bytes=0)).removesuffix(name)


def get(service: Service, job_id: str) -> JobRecord:
    """The job with that id.

    Raises:
        NotFound: there is none.
    """
    found = service.workspace.jobs.known([job_id])
    if job_id not in found:
        raise NotFound("job", job_id)
    return found[job_id]


@dataclass(frozen=True, slots=True)
class Details:
    """A job with its stages.

    Attributes:
        runs: how the newest run of each stage went that has ended.
        ahead: how many jobs wait before it, while it is queued.
        expected: when it will have ended; ``None`` if nobody can say.
    """

    job: JobRecord
    runs: list[StageRun]
    ahead: int
    expected: Expected | None


def details(service: Service, job_id: str) -> Details:
    """How a job stands, with its stages.

    Raises:
        NotFound: there is no such job.
    """
    found = service.workspace.jobs.look(job_id)
    if found is None:
        raise NotFound("job", job_id)
    job = with_progress(service, found[0])
    return Details(job, found[1], ahead(service, job), expected(service, job))


def ahead(service: Service, job: JobRecord) -> int:
    """How many jobs wait before one; 0 if it is not queued."""
    is_queued = job.status is JobStatus.QUEUED
    return service.workspace.queue.ahead(job.id) if is_queued else 0


def expected(service: Service, job: JobRecord) -> Expected | None:
    """When a job will have ended; ``None`` if it has, or nobody can say."""
    is_open = job.status in (JobStatus.QUEUED, JobStatus.RUNNING)
    return service.forecast(job.id) if is_open else None


def with_progress(service: Service, job: JobRecord) -> JobRecord:
    """A job with the newest that is known of its progress."""
    known = service.workers.progress(job.id)
    if known is None or job.status is not JobStatus.RUNNING:
        return job
    stage, share = known
    return replace(job, stage=stage, progress=share)


def cancel(service: Service, job_id: str) -> JobRecord:
    """Cancel a job: at once if nobody works on it, else at its next step.

    Raises:
        NotFound: there is no such job.
        InvalidOption: it has ended already.
    """
    cancelled = service.workspace.jobs.cancel(get(service, job_id).id)
    with suppress(StoreUnavailable):  # its row says it
        service.workers.cancel(cancelled.id)
    return cancelled


def retry(service: Service, caller: Caller, job_id: str) -> JobRecord:
    """Queue a job again that has ended or was lost; stages whose results are kept are not run
    again.

    Raises:
        NotFound: there is no such job.
        InvalidOption: it is queued or being worked on.
        TooManyRequests: it is of somebody who has as many jobs as they may; who sees everything
            runs it all the same.
    """
    job = get(service, job_id)
    queue = service.workspace.queue
    most = 0 if caller.sight.is_whole else service.allowances.jobs
    if job.status is JobStatus.LOST:
        queue.give_back(job.id, job.owner)
    elif not queue.put_again(job.id, most):
        raise InvalidOption(f"job {job.id} has not ended: it is {job.status}")
    service.workers.wake()
    return get(service, job.id)
