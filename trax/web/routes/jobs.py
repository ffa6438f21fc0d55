"""Jobs: recordings that are transcribed."""

from pathlib import PurePath
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from trax.audio.browsers import MADE_TYPES
from trax.errors import InvalidOption, NotFound
from trax.service import serving, webhooks
from trax.service.access import Caller
from trax.service.retrying import retry_those
from trax.service.revoiced import outputs_of, submit_revoicing
from trax.service.serving import Service, Submitted
from trax.service.uploads import find
from trax.store import JobStatus, Upload, Webhook
from trax.web.asking import Key, Reader, Submitter, TheBells, TheFetcher, TheService, Wait, ended
from trax.web.paging import Cursor, Limit, cursor, page_of, read_cursor
from trax.web.problems import responses
from trax.web.views.jobs import (
    JobDetails,
    JobList,
    JobPage,
    JobView,
    ManyJobs,
    NewJob,
    SubmittedView,
)
from trax.web.views.webhooks import NewWebhookView

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


_URLS = ("http://", "https://")
_TYPES = {**MADE_TYPES, ".json": "application/json"}

Made = Literal["audio", "video", "report"]
"""What a voice replacement makes."""


@router.post(
    "",
    status_code=202,
    summary="Have a recording transcribed",
    responses={
        200: {"model": SubmittedView, "description": "The job is known already."},
        **responses(404, 413),
    },
)
async def post(
    body: NewJob,
    service: TheService,
    bells: TheBells,
    fetcher: TheFetcher,
    caller: Submitter,
    response: Response,
    wait: Wait = 0.0,
    idempotency_key: Key = "",
) -> SubmittedView:
    """Queue a job. The same bytes with the same options are the same job: if it is done or under
    way, it is shown, with status 200; if it failed or was cancelled, it is queued again.
    """
    if (body.uri or "").startswith(_URLS) and body.upload is None:
        upload = await fetcher.fetch(body.uri or "", caller.id)
        body = body.model_copy(update={"upload": upload.id, "uri": None})
    asked = await run_in_threadpool(_submitted, service, caller, body, idempotency_key)
    submitted, webhook = asked
    job = submitted.job
    if wait:
        job = await ended(service, bells, job, wait)
    response.status_code = 202 if submitted.is_new and not serving.is_over(job) else 200
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    made = None if webhook is None else NewWebhookView.of(webhook)
    return SubmittedView(**dict(JobView.of(job)), webhook=made)


def queued_view(response: Response, made: Submitted) -> JobView:
    """The answer to whoever has had a job queued: 200 if it is known already."""
    if not made.is_new or serving.is_over(made.job):
        response.status_code = 200
    response.headers["Location"] = f"/v1/jobs/{made.job.id}"
    return JobView.of(made.job)


def _submitted(
    service: Service, caller: Caller, body: NewJob, key: str
) -> tuple[Submitted, Webhook | None]:
    """The job that is asked for, and the webhook that was made for it."""
    if (body.upload is None) == (body.uri is None):
        raise InvalidOption("name either an upload or a uri")
    if body.webhook is None:
        return _queued(service, caller, body, key), None
    wanted = webhooks.new_webhook(service.targets, caller, body.webhook.url, body.webhook.events)
    submitted = _queued(service, caller, body, key)
    return submitted, webhooks.attach(service.workspace.database, wanted, submitted.job.id)


def _queued(service: Service, caller: Caller, body: NewJob, key: str) -> Submitted:
    recording: Upload | str = body.uri or ""
    if body.upload is not None:
        recording = find(service.workspace, body.upload, caller.id)
    if body.revoice is not None:
        return submit_revoicing(service, caller, recording, body.revoice, key, body.folder)
    return serving.submit(service, caller, recording, body.options, key, body.folder)


@router.get("", summary="List jobs")
def index(
    service: TheService,
    caller: Reader,
    status: Annotated[
        list[JobStatus] | None, Query(description="Only those that stand so.")
    ] = None,
    limit: Limit = 50,
    page: Cursor = "",
    folder: Annotated[str | None, Query(description="Only those in this folder.")] = None,
) -> JobPage:
    """The newest first."""
    jobs, after = service.workspace.jobs, read_cursor(page)
    found = jobs.newest(status or (), limit + 1, after, caller.sight, folder)
    shown, last = page_of(found, limit)
    return JobPage(
        items=[JobView.of(job) for job in shown],
        next_cursor=cursor((last.created_at, last.id)) if last else None,
    )


@router.get("/{job_id}", summary="Show a job", response_model=JobDetails, responses=responses(404))
async def get(
    job_id: str, service: TheService, bells: TheBells, _caller: Reader, wait: Wait = 0.0
) -> Response:
    """With its stages, its place in the queue, and when it will have ended."""
    if wait:
        job = await run_in_threadpool(serving.get, service, job_id)
        await ended(service, bells, job, wait)
    return await run_in_threadpool(_details, service, job_id)


@router.get(
    "/{job_id}/{made}",
    summary="Get what a voice replacement made",
    response_class=FileResponse,
    responses={200: {"description": "The new recording, or the report."}, **responses(404)},
)
def get_made(job_id: str, made: Made, service: TheService, _caller: Reader) -> FileResponse:
    """The new recording as lossless sound, as a video if the old one was, or the report: what was
    said again, what was not, and why.
    """
    outputs = outputs_of(service.workspace, job_id)
    if made not in outputs:
        raise NotFound(made, job_id, "the recording has no picture")
    path = service.workspace.objects.local_path(outputs[made])
    suffix = PurePath(outputs[made].key).suffix
    name = f"{PurePath(serving.get(service, job_id).name).stem}.revoiced{suffix}"
    return FileResponse(path, filename=name, media_type=_TYPES.get(suffix))


@router.post("/{job_id}/cancel", summary="Cancel a job", responses=responses(404))
def cancel(job_id: str, service: TheService, _caller: Submitter) -> JobView:
    """At once if nobody works on it, else at its next step. Results of finished stages are kept."""
    return JobView.of(serving.cancel(service, job_id))


@router.post("/retry", status_code=202, summary="Run jobs again", responses=responses(404))
def retry_some(body: ManyJobs, service: TheService, caller: Submitter) -> JobList:
    """Those that are named, or every one that failed, was cancelled or lost."""
    return JobList(items=[JobView.of(job) for job in retry_those(service, caller, body.jobs)])


@router.post(
    "/{job_id}/retry",
    status_code=202,
    summary="Run a job again",
    responses=responses(404),
)
def retry(job_id: str, service: TheService, caller: Submitter) -> JobView:
    """One that has ended, with the options that it had. Stages whose results are kept are not run
    again.
    """
    return JobView.of(serving.retry(service, caller, job_id))


def _details(service: Service, job_id: str) -> Response:
    """As it is sent: this is asked for most often, and need not be checked twice."""
    view = JobDetails.showing(serving.details(service, job_id))
    return Response(view.model_dump_json(), media_type="application/json")
