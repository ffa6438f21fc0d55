"""Recordings as browsers play and draw them."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, StreamingResponse

from trax.audio.peaks import PeaksHeader, peaks_as_json
from trax.enhance.privacy import KINDS
from trax.service.exports import redact, write_redacted_audio
from trax.service.media import Form, PerSecond, Player, Served
from trax.store import RecordingRecord, Sight
from trax.web.asking import Reader, TheService
from trax.web.problems import responses
from trax.web.ranges import answer_part
from trax.web.things import for_visitors, needs
from trax.web.views.media import MediaView

router = APIRouter(prefix="/v1", tags=["media"])

_JSON = "application/json"
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
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


def _of_transcript(transcript_id: str, service: TheService, _caller: Reader) -> RecordingRecord:
    workspace = service.workspace
    versions = workspace.repository.versions(transcript_id)
    newest, oldest = versions[0], versions[-1]
    account = workspace.folders.account_of(newest.id)
    return replace(
        workspace.recordings.get(newest.recording_sha256),
        name=newest.name,
        created_at=oldest.created_at,
        sight=Sight(account, is_whole=not account),
    )


def _by_digest(recording_id: str, service: TheService, caller: Reader) -> RecordingRecord:
    return service.workspace.recordings.get(recording_id, caller.sight)


OfTranscript = Annotated[RecordingRecord, Depends(_of_transcript)]
ByDigest = Annotated[RecordingRecord, Depends(_by_digest)]


@router.get("/transcripts/{transcript_id}/media", summary="Show what can be played", **_DESCRIBED)
@for_visitors
def media(recording: OfTranscript, player: ThePlayer) -> MediaView:
    """Whether the recording is played as it is, and how copy and peaks stand."""
    return MediaView.of(recording, player.state(recording))


@router.post(
    "/transcripts/{transcript_id}/media", status_code=202, summary="Prepare to play", **_DESCRIBED
)
@needs("viewer")
@for_visitors
def prepare(recording: OfTranscript, player: ThePlayer) -> MediaView:
    """Have made what it takes to play and draw the recording, and is missing."""
    player.prepare(recording)
    return MediaView.of(recording, player.state(recording))


@router.head("/transcripts/{transcript_id}/audio", summary="Size and type of the sound", **_SOUND)
@router.get("/transcripts/{transcript_id}/audio", summary="Play a transcript's recording", **_SOUND)
@for_visitors
async def audio(
    request: Request,
    recording: OfTranscript,
    player: ThePlayer,
    form: _Form = "auto",
    wait: _Wait = 10.0,
    part: _Range = "",  # noqa: ARG001
) -> Response:
    """Whole or in parts. A copy that is not made yet is 503 after `wait` seconds, and is made."""
    return answer_part(request, await player.sound(recording, form, wait))


@router.get(
    "/transcripts/{transcript_id}/redacted-audio",
    summary="Hear a transcript without personal data",
    response_class=Response,
    responses={200: {"description": "FLAC.", "content": {"audio/flac": _BINARY}}, **responses(404)},
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
    folder = TemporaryDirectory(dir=workspace.objects.scratch, prefix="redacted-")
    target = Path(folder.name) / "redacted.flac"
    try:
        write_redacted_audio(workspace, document, spans, target)
    except Exception:
        folder.cleanup()
        raise
    tidy = BackgroundTask(folder.cleanup)
    return FileResponse(target, media_type="audio/flac", background=tidy)


@router.get("/transcripts/{transcript_id}/peaks", summary="How loud it is over time", **_PEAKS)
@for_visitors
async def peaks(
    request: Request,
    recording: OfTranscript,
    player: ThePlayer,
    per_second: _PerSecond = PerSecond.WHOLE,
    wait: _Wait = 10.0,
) -> Response:
    """To be drawn: bytes, or JSON where `Accept` asks for it. Made once."""
    found = await player.peaks(recording, per_second, wait)
    return await run_in_threadpool(_points, request, found)


@router.get("/recordings/{recording_id}/media", summary="Show what can be played", **_DESCRIBED)
def recording_media(recording: ByDigest, player: ThePlayer) -> MediaView:
    """Whether the recording is played as it is, and how copy and peaks stand."""
    return MediaView.of(recording, player.state(recording))


@router.post(
    "/recordings/{recording_id}/media", status_code=202, summary="Prepare to play", **_DESCRIBED
)
@needs("viewer")
def prepare_recording(recording: ByDigest, player: ThePlayer) -> MediaView:
    """Have made what it takes to play and draw the recording, and is missing."""
    player.prepare(recording)
    return MediaView.of(recording, player.state(recording))


@router.head("/recordings/{recording_id}/audio", summary="Size and type of the sound", **_SOUND)
@router.get("/recordings/{recording_id}/audio", summary="Play a recording", **_SOUND)
async def recording_audio(
    request: Request,
    recording: ByDigest,
    player: ThePlayer,
    form: _Form = "auto",
    wait: _Wait = 10.0,
    part: _Range = "",  # noqa: ARG001
) -> Response:
    """Whole or in parts. A copy that is not made yet is 503 after `wait` seconds, and is made."""
    return answer_part(request, await player.sound(recording, form, wait))


@router.get("/recordings/{recording_id}/peaks", summary="How loud it is over time", **_PEAKS)
async def recording_peaks(
    request: Request,
    recording: ByDigest,
    player: ThePlayer,
    per_second: _PerSecond = PerSecond.WHOLE,
    wait: _Wait = 10.0,
) -> Response:
    """To be drawn: bytes, or JSON where `Accept` asks for it. Made once."""
    found = await player.peaks(recording, per_second, wait)
    return await run_in_threadpool(_points, request, found)


def _points(request: Request, served: Served) -> Response:
    if _JSON not in request.headers.get("accept", ""):
        return answer_part(request, served)
    start = PeaksHeader.SIZE_BYTES
    header = PeaksHeader.read(b"".join(served.chunks(0, start)), served.tag)
    points = served.chunks(start, served.size_bytes - start)
    headers = {"ETag": f'"{served.tag}-json"', "Cache-Control": "private, no-cache"}
    return StreamingResponse(peaks_as_json(header, points), 200, headers, _JSON)
