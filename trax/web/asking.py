"""What routes are given: the service, whoever asks, and waiting for a job."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from fastapi.requests import HTTPConnection
from starlette.concurrency import run_in_threadpool

from trax.errors import NotFound
from trax.service import serving
from trax.service.access import Caller, Scope
from trax.service.fetching import Fetcher
from trax.service.live_sessions import LiveRoom
from trax.service.serving import Service, is_over
from trax.store import JobRecord
from trax.web.bells import Bells, end_of, heard

LONGEST_WAIT = 600.0
"""Seconds that a request may wait for a job."""

_GLANCE = 1.0  # seconds between looks at a job that another process may work on

Wait = Annotated[
    float,
    Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the job's end, at most."),
]


# Coroutines, for functions would each be called in a thread of their own.


async def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


async def _bells(request: Request) -> Bells:
    found: Bells = request.app.state.bells
    return found


def fetcher_of(request: Request) -> Fetcher:
    """What fetches recordings from URLs."""
    found: Fetcher = request.app.state.fetcher
    return found


async def _room(request: Request) -> LiveRoom:
    found: LiveRoom = request.app.state.live
    return found


async def _address(request: Request) -> str:
    return request.client.host if request.client else ""


TheService = Annotated[Service, Depends(_service)]
TheBells = Annotated[Bells, Depends(_bells)]
TheRoom = Annotated[LiveRoom, Depends(_room)]
TheFetcher = Annotated[Fetcher, Depends(fetcher_of)]
Address = Annotated[str, Depends(_address)]
"""Where a request comes from; empty if that is not known."""


def caller_of(request: HTTPConnection) -> Caller:
    """Whoever asks."""
    caller: Caller = request.state.caller
    return caller


async def of_link(link_id: str, request: HTTPConnection) -> str:
    """Id of the transcript that a link shows.

    Raises:
        NotFound: whoever asks has not opened it.
    """
    link = caller_of(request).link
    if link is None or link.id != link_id:
        raise NotFound("link", link_id, "open it first")
    return link.transcript_id


OfLink = Annotated[str, Depends(of_link)]


def allowed(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency that refuses callers without *scope*."""

    async def caller(request: Request) -> Caller:
        found = caller_of(request)
        found.check(scope)
        return found

    caller.__dict__["scope"] = scope  # by which routes are known to have a rule
    return caller


async def _anyone(request: Request) -> Caller:
    return caller_of(request)


Anyone = Annotated[Caller, Depends(_anyone)]
Administrator = Annotated[Caller, Depends(allowed("admin"))]
Reader = Annotated[Caller, Depends(allowed("read"))]
Editor = Annotated[Caller, Depends(allowed("write"))]
Submitter = Annotated[Caller, Depends(allowed("jobs"))]


Key = Annotated[str, Header(description="A name for this request: the same again changes nothing.")]
"""What `Idempotency-Key` says."""


async def ended(service: Service, bells: Bells, job: JobRecord, seconds: float) -> JobRecord:
    """The job once it has ended, or as it is after *seconds* or when the service ends."""
    deadline = time.monotonic() + seconds
    with bells.listening(end_of(job.id)) as bell:
        while True:
            job = await run_in_threadpool(serving.get, service, job.id)
            left = deadline - time.monotonic()
            if is_over(job) or left <= 0 or bells.closed:
                return job
            await heard(bell, min(left, _GLANCE))
