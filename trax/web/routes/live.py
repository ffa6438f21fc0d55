"""Live captions: sound in, words out, over one WebSocket."""

import json
import secrets
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Header as HeaderField
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from trax.errors import InputError, TraxError
from trax.export.subtitles import VTT_HEAD
from trax.live.captions import Captions, captions_of
from trax.live.events import Became, Event, Handed, Said, decision_from, event_dict
from trax.live.keeping import Header
from trax.live.options import LiveOptions
from trax.live.session import LiveSession
from trax.live.showing import as_text, as_vtt
from trax.service.access import Caller
from trax.service.checks import checked
from trax.service.live_sessions import LiveRoom
from trax.web.asking import Editor, Reader, Submitter, TheBells, TheRoom
from trax.web.bells import Bells
from trax.web.live_socket import Line, followed, refused
from trax.web.problems import responses
from trax.web.views.live import (
    DecisionView,
    LiveDetails,
    LivePage,
    LiveView,
    Numbers,
)

router = APIRouter(prefix="/v1/live", tags=["live"])


LastSeen = Annotated[int, HeaderField(ge=0, description="Go on after this event.")]
Follow = Annotated[bool, Query(description="Whether to wait for more.")]
Lines = Annotated[int, Query(ge=0, le=1000, description="The last so many; 0: all.")]

_OVERLAY = files("trax.web") / "overlay.html"
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_UNCACHED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@router.websocket("")
async def talk(socket: WebSocket) -> None:
    """Begin a session, or go on with one (`session`, and `after`: the last event seen)."""
    caller: Caller = socket.state.caller
    room: LiveRoom = socket.app.state.live
    try:
        caller.check("jobs")
        after = _number(socket.query_params.get("after", "0"))
        session = await run_in_threadpool(_session, socket, room, caller)
    except TraxError as error:
        await refused(socket, error)
        return
    await Line(socket, room, session).hold(after)


@router.get("", summary="List live sessions")
def index(room: TheRoom, caller: Reader) -> LivePage:
    """Those that run, and those of the last day, the newest first."""
    return LivePage(
        items=[LiveView.of(each, runs=room.is_running(each.id)) for each in room.all(caller)]
    )


@router.get("/{session_id}", summary="Show a live session", responses=responses(404))
def get(session_id: str, room: TheRoom, caller: Reader) -> LiveDetails:
    """What was said until now, with speakers, and what became of it."""
    header, captions, events = _known(room, session_id, caller)
    jobs = [event.job for event in events if isinstance(event, Handed) and event.job]
    made = [event.transcript for event in events if isinstance(event, Became)]
    return LiveDetails.showing(
        header,
        captions,
        runs=room.is_running(session_id),
        job=jobs[-1] if jobs else None,
        became=made[0] if made else None,
    )


@router.post("/{session_id}/decisions", summary="Correct or name", responses=responses(404))
def decide(session_id: str, given: DecisionView, room: TheRoom, caller: Editor) -> Numbers:
    """What people decide while a session runs is in the transcript in the end, too."""
    session = room.running(session_id, caller)
    session.decide(decision_from(given.decision))
    return Numbers(seq=session.seq)


@router.post("/{session_id}/end", summary="End a live session", responses=responses(404))
def end(session_id: str, room: TheRoom, caller: Submitter) -> Numbers:
    """Nothing more is heard, and the recording is read once more."""
    session = room.running(session_id, caller)
    session.end()
    return Numbers(seq=session.seq)


@router.delete(
    "/{session_id}", status_code=204, summary="Discard a live session", responses=responses(404)
)
def discard(session_id: str, room: TheRoom, caller: Submitter) -> None:
    """Its sound and its words are removed, and it is stopped if it runs. What was made of it before
    stays: jobs, recordings and transcripts.
    """
    room.discard(session_id, caller)


@router.get(
    "/{session_id}/events",
    summary="Follow a live session",
    response_class=EventSourceResponse,
    responses=responses(404),
)
async def follow(
    session_id: str, room: TheRoom, caller: Reader, bells: TheBells, last_event_id: LastSeen = 0
) -> AsyncIterator[ServerSentEvent]:
    """Every event as it happens, or after the one that you have seen last; those that last have
    ids.
    """
    session = room.running(session_id, caller)
    async for numbered in followed(session, bells, last_event_id):
        lasts = numbered.seq if _lasts(numbered.event) else None
        yield ServerSentEvent(
            data=event_dict(numbered.event),
            event=numbered.event.type,
            id=None if lasts is None else str(lasts),
        )


@router.get(
    "/{session_id}/captions.vtt",
    summary="Get subtitles",
    response_class=Response,
    responses={**responses(404), 200: {"content": {"text/vtt": {}}}},
)
async def subtitles(
    session_id: str, room: TheRoom, caller: Reader, bells: TheBells, follow: Follow = False
) -> Response:
    """WebVTT of what is certain; with `follow` more of it comes until the session ends."""
    if not follow:
        _header, captions, _events = await run_in_threadpool(_known, room, session_id, caller)
        return Response(as_vtt(captions), media_type="text/vtt", headers=_UNCACHED)
    session = room.running(session_id, caller)
    return StreamingResponse(_cues(session, bells), media_type="text/vtt", headers=_UNCACHED)


@router.get(
    "/{session_id}/captions.txt",
    summary="Get captions as text",
    response_class=PlainTextResponse,
    responses=responses(404),
)
def text(session_id: str, room: TheRoom, caller: Reader, lines: Lines = 0) -> PlainTextResponse:
    """What is certain, a line for each time that somebody speaks; the last `lines` of them."""
    _header, captions, _events = _known(room, session_id, caller)
    found = as_text(captions).splitlines(keepends=True)
    return PlainTextResponse("".join(found[-lines:]), headers=_UNCACHED)


@router.get(
    "/{session_id}/overlay",
    summary="Get captions to lay over a picture",
    response_class=HTMLResponse,
    responses=responses(404),
)
def overlay(
    session_id: str,
    room: TheRoom,
    caller: Reader,
    lines: Annotated[int, Query(ge=1, le=10, description="On screen.")] = 2,
    size: Annotated[int, Query(ge=8, le=400, description="Of letters, in pixels.")] = 48,
) -> HTMLResponse:
    """A page with the newest words on nothing, for OBS and the like."""
    room.running(session_id, caller)
    nonce = secrets.token_urlsafe(16)
    page = _OVERLAY.read_text("utf-8").replace("{nonce}", nonce)
    page = page.replace("{lines}", str(lines)).replace("{size}", str(size))
    policy = _POLICY.format(nonce=nonce)
    return HTMLResponse(page, headers={**_UNCACHED, "Content-Security-Policy": policy})


async def _cues(session: LiveSession, bells: Bells) -> AsyncIterator[bytes]:
    yield VTT_HEAD
    async for numbered in followed(session, bells, 0):
        event = numbered.event
        if isinstance(event, Said) and event.committed:
            words = [session.captions.words[word.id] for word in event.committed]
            yield as_vtt(session.captions, words)


def _known(room: LiveRoom, session_id: str, caller: Caller) -> tuple[Header, Captions, list[Event]]:
    """What is known of a session: its captions, and the events that led to them."""
    header = room.find(session_id, caller)
    events = room.events(session_id)
    if room.is_running(session_id):
        return header, room.running(session_id, caller).shown(), events
    return header, captions_of(events), events


def _lasts(event: Event) -> bool:
    return not isinstance(event, Said) or bool(event.committed)


def _session(socket: WebSocket, room: LiveRoom, caller: Caller) -> LiveSession:
    known = socket.query_params.get("session", "")
    if known:
        return room.resume(known, caller)
    options = checked(LiveOptions, _json(socket.query_params.get("options", "{}")))
    return room.begin(options, caller.account, caller.name)


def _json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"options are not JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError("options are no object")
    return found


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise InputError("after is the number of an event")
    return int(text)
