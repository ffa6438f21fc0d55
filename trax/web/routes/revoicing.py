"""Voices replaced: looked at before, tried, made, heard, made again, accepted."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from trax.service import revoiced
from trax.service.auditions import Auditions
from trax.web.asking import Editor, Key, Reader, Submitter, TheService
from trax.web.matching import VersionQuery
from trax.web.problems import responses
from trax.web.routes.jobs import queued_view
from trax.web.things import needs
from trax.web.views.jobs import JobList, JobView
from trax.web.views.revoicing import (
    AcceptedList,
    AcceptedView,
    Audition,
    NewRevoicing,
    SaidOtherwise,
    SelectionView,
    StockVoiceList,
    StockVoiceView,
)

router = APIRouter(prefix="/v1", tags=["revoicing"])

_OF_TRANSCRIPT = "/transcripts/{transcript_id}/revoicings"
_ACCEPTED = "/jobs/{job_id}/accepted"
_NOT_FOUND: dict[int | str, dict[str, Any]] = responses(404)
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FLAC = {"description": "FLAC.", "content": {"audio/flac": _BINARY}}
_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": JobView, "description": "The job is known already."},
    **_NOT_FOUND,
}


@router.get("/stock-voices", summary="List stock voices", responses=responses(503))
def stock_voices(service: TheService, _caller: Reader) -> StockVoiceList:
    """Voices that speakers can be given."""
    engines = service.workspace.engines.voices
    synthesiser = engines.synthesiser()
    return StockVoiceList(
        items=[StockVoiceView.model_validate(each) for each in synthesiser.voices],
        languages=sorted(synthesiser.languages),
        clones=engines.cloner() is not None,
    )


@router.get(_OF_TRANSCRIPT, summary="List voice replacements", responses=_NOT_FOUND)
def index(transcript_id: str, service: TheService, caller: Reader) -> JobList:
    """In a transcript's recording, the newest first, as far as you see them."""
    found = revoiced.revoicings_of(service, transcript_id, caller.sight)
    return JobList(items=[JobView.of(job) for job in found])


@router.post(
    _OF_TRANSCRIPT,
    status_code=202,
    summary="Replace voices",
    responses=_KNOWN,
)
def post(
    transcript_id: str,
    body: NewRevoicing,
    service: TheService,
    caller: Submitter,
    response: Response,
    idempotency_key: Key = "",
) -> JobView:
    """In a transcript's recording, by a job. What people corrected in the transcript is said."""
    made = revoiced.revoice_transcript(
        service, caller, transcript_id, body, body.version, idempotency_key
    )
    return queued_view(response, made)


@router.post(
    f"{_OF_TRANSCRIPT}/selection",
    summary="Show what would be said again",
    responses=_NOT_FOUND,
)
@needs("viewer")
def selection(
    transcript_id: str,
    body: NewRevoicing,
    service: TheService,
    _caller: Reader,
    version: VersionQuery = None,
) -> SelectionView:
    """And what would stay as it is, and why; nothing is made. A wrong turn would be a wrong voice:
    correct it in the transcript first.
    """
    found = revoiced.selection_of(service, transcript_id, body, version or body.version)
    return SelectionView.of(found)


@router.post(
    f"{_OF_TRANSCRIPT}/audition",
    summary="Try a voice on a sentence",
    response_class=FileResponse,
    responses={200: _FLAC, **_NOT_FOUND},
)
def audition(
    transcript_id: str, body: Audition, request: Request, service: TheService, caller: Submitter
) -> FileResponse:
    """As it would be said, but for what fits it into its place; 20 a minute. It is marked as
    synthetic, and not kept.
    """
    auditions: Auditions = request.app.state.auditions
    workspace = service.workspace
    document = workspace.repository.get(transcript_id)
    replacement = revoiced.placed(workspace, caller, body.replacement)
    folder = TemporaryDirectory(dir=workspace.objects.scratch, prefix="audition-")
    target = Path(folder.name) / "said.flac"
    try:
        auditions.write(workspace, caller, document, replacement, body.text, target)
    except Exception:
        folder.cleanup()
        raise
    tidy = BackgroundTask(folder.cleanup)
    return FileResponse(target, media_type="audio/flac", background=tidy)


@router.post(
    "/jobs/{job_id}/again",
    status_code=202,
    summary="Say utterances otherwise",
    responses=_KNOWN,
)
def again(
    job_id: str,
    body: SaidOtherwise,
    service: TheService,
    caller: Submitter,
    response: Response,
    idempotency_key: Key = "",
) -> JobView:
    """By a job that keeps all others: with another text, in another way, or not at all."""
    made = revoiced.say_again(service, caller, job_id, body.texts, body.again, idempotency_key)
    return queued_view(response, made)


@router.get(_ACCEPTED, summary="List accepted utterances", responses=_NOT_FOUND)
def accepted(job_id: str, service: TheService, _caller: Reader) -> AcceptedList:
    """Those whose new speech somebody has heard and accepted."""
    found = revoiced.accepted_of(service, job_id)
    return AcceptedList(items=[AcceptedView.model_validate(each) for each in found])


@router.put(
    f"{_ACCEPTED}/{{utterance}}",
    status_code=204,
    summary="Accept an utterance",
    responses=_NOT_FOUND,
)
def accept(job_id: str, utterance: str, service: TheService, caller: Editor) -> None:
    """Its new speech was heard, and is right."""
    revoiced.accept(service, caller, job_id, utterance)


@router.delete(
    f"{_ACCEPTED}/{{utterance}}",
    status_code=204,
    summary="Accept an utterance no longer",
    responses=_NOT_FOUND,
)
def reject(job_id: str, utterance: str, service: TheService, _caller: Editor) -> None:
    """It is to be heard again."""
    revoiced.reject(service, job_id, utterance)
