"""Speakers of a transcript: named, merged, and turns that by their sound are somebody else's."""

from fastapi import APIRouter, Response

from trax.revision import Rename
from trax.service import again, revisions
from trax.service.suggestions import accept, suggestions
from trax.web.asking import Key, Reader, Submitter, TheService
from trax.web.matching import TheEdits, VersionQuery, document_at
from trax.web.problems import responses
from trax.web.routes.jobs import queued_view
from trax.web.routes.revisions import CHANGED, answered
from trax.web.views.jobs import JobView
from trax.web.views.revisions import RevisionView
from trax.web.views.speakers import (
    ChosenSuggestions,
    MergedInto,
    SpeakerCount,
    SpeakerList,
    SpeakerName,
    SuggestionList,
    SuggestionView,
)

router = APIRouter(prefix="/v1/transcripts/{transcript_id}/speakers", tags=["passages"])

_NOT_FOUND = responses(404)


@router.get("", summary="List speakers", responses=_NOT_FOUND)
def speakers(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> SpeakerList:
    """With what they say, and how sure that is."""
    document, number = document_at(service, transcript_id, version)
    return SpeakerList.of(document, number)


@router.patch("/{label}", status_code=201, summary="Rename a speaker", responses=CHANGED)
def rename(
    transcript_id: str, label: str, body: SpeakerName, edits: TheEdits, response: Response
) -> RevisionView:
    """As a change, like any other."""
    wish = Rename(speaker=label, name=body.name)
    return answered(response, revisions.edit(edits, transcript_id, [wish]))


@router.post("/{label}/merge", status_code=201, summary="Merge two speakers", responses=CHANGED)
def merge(
    transcript_id: str, label: str, body: MergedInto, edits: TheEdits, response: Response
) -> RevisionView:
    """All words of one go to the other. Whom the sound tells apart stays listed, without words."""
    made = revisions.merge_speakers(edits, transcript_id, label, body.into)
    return answered(response, made)


@router.post("/again", status_code=202, summary="Tell speakers apart again", responses=_NOT_FOUND)
def diarize_again(
    transcript_id: str,
    body: SpeakerCount,
    service: TheService,
    caller: Submitter,
    response: Response,
    idempotency_key: Key = "",
) -> JobView:
    """By a job that keeps what was recognised; its transcript is another one, to which people's
    decisions are carried over when it has ended.
    """
    made = again.diarize_again(service, caller, transcript_id, body.speakers, idempotency_key)
    return queued_view(response, made)


@router.get(
    "/suggestions", summary="List turns that sound like somebody else", responses=_NOT_FOUND
)
def suggested(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> SuggestionList:
    """Once you have given somebody turns, others that sound like them; only what is sure. 404 if
    the transcript was made before voices of single turns were kept.
    """
    document, number = document_at(service, transcript_id, version)
    found = suggestions(service.workspace, document)
    return SuggestionList(
        version=number, items=[SuggestionView.model_validate(each) for each in found]
    )


@router.post(
    "/suggestions/accept", status_code=201, summary="Accept suggested turns", responses=CHANGED
)
def accept_suggested(
    transcript_id: str,
    body: ChosenSuggestions,
    service: TheService,
    edits: TheEdits,
    response: Response,
) -> RevisionView:
    """They go to whom they sound like, as one change."""
    made = accept(service.workspace, edits, transcript_id, body.ids, body.speaker)
    return answered(response, made)
