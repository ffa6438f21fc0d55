"""Recordings as browsers play and draw them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, StreamingResponse

from trax.audio.peaks import PeaksHeader, peaks_as_json
from trax.enhance.privacy import KINDS
from trax.export import FORMATS
from trax.export.player import with_sound
from trax.service.exports import (
    in_language,
    quiet_spans,
    redact,
    write_redacted_audio,
    write_silenced_audio,
)
from trax.service.media import Form, PerSecond, Player, Served
from trax.service.recordings import recording_of
from trax.service.serving import Service
from trax.store import RecordingRecord
from trax.transcript import Span
from trax.web.asking import Reader, TheService
from trax.web.matching import VersionQuery, document_at
from trax.web.problems import responses
from trax.web.ranges import answer_part
from trax.web.routes.transcripts import file_name
from trax.web.things import for_visitors, needs
from trax.web.views.media import MediaView

router = APIRouter(prefix="/v1", tags=["media"])

_JSON = "application/json"
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FLAC = {"description": "FLAC.", "content": {"audio/flac": _BINARY}}
_PART = {"description": "The part that `Range` names."}
_PROBLEMS = {206: _PART, 304: {"description": "The caller has it."}, **responses(404, 416, 503)}
_PLAYED = {"description": "The sound, or picture and sound.", "content": {"audio/*": _BINARY}}
_DRAWN = {
    "description": "The points: audiowaveform's `.dat`, version 2, of 8 bits and one channel.",
    "content": {"application/octet-stream": _BINARY, _JSON: {"schema": {"type": "object"}}},
}
_SOUND: dict[str, Any] = {"response_class": Response, "responses": {200: _PLAYED, **_PROBLEMS}}
_PEAKS: dict[str, Any] = {"response_class": Response, "responses": {200: _DRAWN, **_PROBLEMS}}
_DESCRIBED: dict[str, Any] = {"responses": responses(404)}

_Form = Annotated[
    Form,
    Query(
        alias="format",
        description="`auto` is the recording itself where browsers play it, else a compact copy "
        "(AAC in MP4, mono); `browser` is always that copy, `original` always the recording.",
    ),
]
_Wait = Annotated[
    float, Query(ge=0, le=60, description="Seconds to wait for what has to be made first.")
]
_PerSecond = Annotated[
    PerSecond, Query(description="Points for each second: 20, or 100 to be enlarged.")
]
_Range = Annotated[
    str, Header(alias="Range", description="The part wanted.", examples=["bytes=0-1023"])
]


def _player(request: Request) -> Player:
    found: Player = request.app.state.player
    return found


ThePlayer = Annotated[Player, Depends(_player)]


def show_sound(request: Request, service: Service, transcript_id: str, *, visited: bool) -> None:
    """Have the routes below answer with the sound of a transcript.

    Args:
        visited: by a link: what was deleted with its sound is not heard.
    """
    workspace = service.workspace
    request.state.recording = recording_of(workspace, transcript_id)
    if visited:
        request.state.quiet = quiet_spans(workspace.repository.get(transcript_id))


def _of_transcript(
    request: Request, transcript_id: str, service: TheService, caller: Reader
) -> None:
    show_sound(request, service, transcript_id, visited=caller.link is not None)


def _by_digest(
    request: Request, recording_id: str, service: TheService, caller: Reader
) -> RecordingRecord:
    found = service.workspace.recordings.get(recording_id, caller.sight)
    request.state.recording = found
    return found


def _found(request: Request) -> RecordingRecord:
    recording: RecordingRecord = request.state.recording
    return recording


def _silent(request: Request) -> list[Span]:
    spans: list[Span] = getattr(request.state, "quiet", [])
    return spans


ByDigest = Annotated[RecordingRecord, Depends(_by_digest)]
Found = Annotated[RecordingRecord, Depends(_found)]
Quiet = Annotated[list[Span], Depends(_silent)]


@for_visitors
def media(recording: Found, quiet: Quiet, player: ThePlayer) -> MediaView:
    """Whether the recording is played as it is, and how copy and peaks stand."""
    return MediaView.of(recording, player.state(recording, quiet))


@needs("viewer")
@for_visitors
def prepare(recording: Found, quiet: Quiet, player: ThePlayer) -> MediaView:
    """Have made what it takes to play and draw the recording, and is missing."""
    player.prepare(recording, quiet)
    return MediaView.of(recording, player.state(recording, quiet))


@for_visitors
async def audio(
    request: Request,
    recording: Found,
    quiet: Quiet,
    player: ThePlayer,
    form: _Form = "auto",
    wait: _Wait = 10.0,
    part: _Range = "",  # noqa: ARG001
) -> Response:
    """Whole or in parts. A copy that is not made yet is 503 after `wait` seconds, and is made."""
    return answer_part(request, await player.sound(recording, form, wait, quiet))


@for_visitors
async def peaks(
    request: Request,
    recording: Found,
    quiet: Quiet,
    player: ThePlayer,
    per_second: _PerSecond = PerSecond.WHOLE,
    wait: _Wait = 10.0,
) -> Response:
    """To be drawn: bytes, or JSON where `Accept` asks for it. Made once."""
    found = await player.peaks(recording, per_second, wait, quiet)
    return await run_in_threadpool(_points, request, found)


def add_routes(
    router: APIRouter, place: str, find: Callable[..., object], names: tuple[str, str, str, str]
) -> None:
    """What is below a transcript, a recording and a link.

    Args:
        find: sets ``request.state.recording``.
        names: what clients know the four by, for ever.
    """
    add = partial(router.add_api_route, dependencies=[Depends(find)])
    shown, prepared, heard, drawn = names
    add(f"{place}/media", media, name=shown, summary="Show what can be played", **_DESCRIBED)
    add(
        f"{place}/media",
        prepare,
        name=prepared,
        methods=["POST"],
        status_code=202,
        summary="Prepare to play",
        **_DESCRIBED,
    )
    sounds = partial(add, f"{place}/audio", audio, name=heard, **_SOUND)
    sounds(methods=["HEAD"], summary="Size and type of the sound")
    sounds(methods=["GET"], summary="Play a recording")
    add(f"{place}/peaks", peaks, name=drawn, summary="How loud it is over time", **_PEAKS)


add_routes(
    router, "/transcripts/{transcript_id}", _of_transcript, ("media", "prepare", "audio", "peaks")
)
add_routes(
    router,
    "/recordings/{recording_id}",
    _by_digest,
    ("recording_media", "prepare_recording", "recording_audio", "recording_peaks"),
)


@router.get(
    "/transcripts/{transcript_id}/player",
    summary="Write a page that plays itself",
    dependencies=[Depends(_of_transcript)],
    response_class=Response,
    responses={200: {"description": "HTML.", "content": {"text/html": {}}}, **responses(404, 503)},
)
async def player_page(
    transcript_id: str,
    recording: Found,
    player: ThePlayer,
    service: TheService,
    language: Annotated[str, Query(description="A language that it was translated to.")] = "",
    wait: _Wait = 10.0,
) -> Response:
    """The format `html` with the sound within, as the compact copy, silent where words were deleted
    with their sound. A copy that is not made yet is 503 after `wait` seconds, and is made.
    """
    document = await run_in_threadpool(service.workspace.repository.get, transcript_id)
    sound = await player.sound(recording, "browser", wait, quiet_spans(document))
    page = with_sound(
        in_language(document, language), sound.chunks(0, sound.size_bytes), sound.media_type
    )
    headers = file_name(document, "html") | {"Cache-Control": "private, no-store"}
    return StreamingResponse(page, 200, headers, FORMATS["html"].media_type)


@router.get(
    "/transcripts/{transcript_id}/silenced-audio",
    summary="Hear a transcript as it was edited",
    response_class=Response,
    responses={200: _FLAC, **responses(404)},
)
def silenced_audio(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> Response:
    """The sound as it was recognised, silent where words were deleted with their sound, made for
    this request.
    """
    document, _number = document_at(service, transcript_id, version)
    return _made(service, partial(write_silenced_audio, service.workspace, document))


@router.get(
    "/transcripts/{transcript_id}/redacted-audio",
    summary="Hear a transcript without personal data",
    response_class=Response,
    responses={200: _FLAC, **responses(404)},
)
def redacted_audio(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    kinds: Annotated[
        list[str] | None,
        Query(alias="redact", description=f"`all`, or some of {', '.join(KINDS)}."),
    ] = None,
) -> Response:
    """The sound as it was recognised, silent where personal data is said, made for this request."""
    workspace = service.workspace
    document = workspace.repository.get(transcript_id)
    _text, spans = redact(document, kinds or ["all"], service.settings.spacy_model)
    return _made(service, partial(write_redacted_audio, workspace, document, spans))


def _made(service: Service, write: Callable[[Path], None]) -> Response:
    """A file that is made for one request, and is gone afterwards."""
    folder = TemporaryDirectory(dir=service.workspace.objects.scratch, prefix="audio-")
    target = Path(folder.name) / "audio.flac"
    try:
        write(target)
    except Exception:
        folder.cleanup()
        raise
    tidy = BackgroundTask(folder.cleanup)
    return FileResponse(target, media_type="audio/flac", background=tidy)


def _points(request: Request, served: Served) -> Response:
    if _JSON not in request.headers.get("accept", ""):
        return answer_part(request, served)
    start = PeaksHeader.SIZE_BYTES
    header = PeaksHeader.read(b"".join(served.chunks(0, start)), served.tag)
    points = served.chunks(start, served.size_bytes - start)
    headers = {"ETag": f'"{served.tag}-json"', "Cache-Control": "private, no-cache"}
    return StreamingResponse(peaks_as_json(header, points), 200, headers, _JSON)
