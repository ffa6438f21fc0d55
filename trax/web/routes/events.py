"""What happens to jobs, as it happens: server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from trax.errors import InvalidOption
from trax.service import serving
from trax.service.following import Look, Seen, look
from trax.service.serving import is_over
from trax.web.asking import Reader, TheBells, TheService
from trax.web.bells import Bells, heard
from trax.web.problems import responses
from trax.web.readings import Readings, sent
from trax.web.views.events import ExpectedView, PartialView, ProgressView
from trax.web.views.jobs import JobView

router = APIRouter(prefix="/v1", tags=["events"])

_PATIENCE = 5.0  # seconds before a look at a job that nobody rings for


def _last_seen(
    last_event_id: Annotated[
        str, Header(description="Id of the last event that you have seen; go on after it.")
    ] = "",
) -> int | None:
    if not last_event_id:
        return None
    if not last_event_id.isdecimal() or len(last_event_id) > 18:
        raise InvalidOption("Last-Event-ID must be the id of an event")
    return int(last_event_id)


def _known(job_id: str, service: TheService) -> str:
    """The job's id; before the answer begins."""
    return serving.get(service, job_id).id


def _readings(request: Request) -> Readings:
    found: Readings = request.app.state.readings
    return found


TheReadings = Annotated[Readings, Depends(_readings)]
_ITEM = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("data", "event", "id")},
}
_UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

LastSeen = Annotated[int | None, Depends(_last_seen)]
KnownJob = Annotated[str, Depends(_known)]


@router.get(
    "/jobs/{job_id}/events",
    summary="Follow a job",
    response_class=EventSourceResponse,
    responses=responses(404),
)
async def of_job(
    known: KnownJob,
    service: TheService,
    bells: TheBells,
    _caller: Reader,
    last_seen: LastSeen,
) -> AsyncIterator[ServerSentEvent]:
    """Everything that has happened and happens to a job: its events with their ids; `progress`
    without an id whenever it changes, and `partial` with what was recognised while that goes on;
    at last `done` with the job.
    """
    seen = Seen(last_seen or 0)
    shown: ProgressView | None = None
    with bells.listening(known) as bell:
        while True:
            found = await run_in_threadpool(look, service, known, seen)
            seen = seen.and_then(found)
            for event in found.events:
                yield sent(known, event)
            if is_over(found.job):
                yield ServerSentEvent(data=JobView.of(found.job), event="done")
                return
            progress = _progress(found)
            if progress != shown:
                shown = progress
                said = progress.model_copy(update={"expected": ExpectedView.of(found.expected)})
                yield ServerSentEvent(data=said, event="progress")
            if found.heard:
                yield ServerSentEvent(data=PartialView.of(known, found.heard), event="partial")
            if not await _news(bells, bell):
                return


@router.get(
    "/events",
    summary="Follow all jobs",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"itemSchema": _ITEM}}}},
)
async def of_all(
    service: TheService,
    readings: TheReadings,
    caller: Reader,
    last_seen: LastSeen,
) -> Response:
    """What happens to any job, from now on or after the event that you have seen last."""
    events = service.workspace.events
    last = await run_in_threadpool(events.newest) if last_seen is None else last_seen
    told = readings.follow(last, caller.sight)
    return StreamingResponse(told, media_type="text/event-stream", headers=_UNBUFFERED)


async def _news(bells: Bells, bell: asyncio.Event) -> bool:
    """Wait for something new, or for a while; false if the stream is to end."""
    if not bells.closed:
        await heard(bell, _PATIENCE)
    return not bells.closed


def _progress(seen: Look) -> ProgressView:
    """How far a job is, but for when it will have ended: that alone is no news."""
    job = seen.job
    return ProgressView(
        job_id=job.id,
        status=job.status,
        stage=job.stage,
        progress=round(job.progress, 3),
        ahead=seen.ahead,
    )
