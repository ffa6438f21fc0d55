"""Parts of transcripts: segments, words, what was taken out, what a model did."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from trax.service import again, revisions
from trax.service.review import outlook, readings
from trax.service.serving import Service
from trax.service.transcripts import stages_of
from trax.service.translating import translate_again
from trax.transcript import Transcript, Word
from trax.web.asking import Key, Reader, Submitter, TheService
from trax.web.matching import TheEdits, VersionQuery, document_at
from trax.web.paging import Limit, number_cursor, read_numbers
from trax.web.problems import responses
from trax.web.routes.jobs import queued_view
from trax.web.routes.revisions import CHANGED, answered
from trax.web.views.conversation import ConversationView
from trax.web.views.jobs import JobView, StageView
from trax.web.views.passages import (
    Again,
    EditList,
    EditView,
    NewNotes,
    NewTranslation,
    NotesView,
    Numbers,
    ReadingList,
    ReadingView,
    RemovedList,
    RemovedView,
    ReviewView,
    SegmentPage,
    WarningList,
    WordPage,
)
from trax.web.views.revisions import RevisionView

router = APIRouter(prefix="/v1/transcripts/{transcript_id}", tags=["passages"])

_NOT_FOUND: dict[int | str, dict[str, Any]] = responses(404)
_Limit = Annotated[int, Query(ge=1, le=1000)]
_Cursor = Annotated[
    str,
    Query(alias="cursor", description="`next_cursor` of a page; it stays with that version."),
]


@router.get("/conversation", summary="Show how a conversation went", responses=_NOT_FOUND)
def show_conversation(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> ConversationView:
    """Who spoke how much and how fast, pauses, overlap, who interrupted whom."""
    document, number = document_at(service, transcript_id, version)
    return ConversationView.of(document, number)


@router.get("/segments", summary="List segments", responses=_NOT_FOUND)
def segments(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    version: VersionQuery = None,
    limit: _Limit = 200,
    page: _Cursor = "",
) -> SegmentPage:
    """With their words, in order."""
    document, number, first = _page(service, transcript_id, version, page)
    found = list(document.segments[first : first + limit])
    return SegmentPage(
        version=number,
        items=found,
        next_cursor=_next(number, first + limit, len(document.segments)),
    )


@router.get("/words", summary="List words", responses=_NOT_FOUND)
def words(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    version: VersionQuery = None,
    below: Annotated[
        float | None, Query(ge=0, le=1, description="Only those with less confidence than this.")
    ] = None,
    speaker: Annotated[
        str | None, Query(description="Only those of the speaker labelled so.")
    ] = None,
    limit: _Limit = 200,
    page: _Cursor = "",
) -> WordPage:
    """With times, confidence and speaker, in order."""
    document, number, first = _page(service, transcript_id, version, page)
    found = [word for word in document.words if speaker in (None, word.speaker)]
    if below is not None:
        found = [word for word in found if _is_below(word, below)]
    return WordPage(
        version=number,
        items=found[first : first + limit],
        next_cursor=_next(number, first + limit, len(found)),
    )


@router.get("/warnings", summary="List what it warns of", responses=_NOT_FOUND)
def warnings(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> WarningList:
    """What was missing or damaged in the recording, and what is doubtful in the transcript, with
    codes by which programs say it in other languages.
    """
    document, _number = document_at(service, transcript_id, version)
    return WarningList.of(document)


@router.get("/stages", summary="Show how its stages went", responses=_NOT_FOUND)
def stages(transcript_id: str, service: TheService, _caller: Reader) -> list[StageView]:
    """Those of the job that made the newest version; none if a person did."""
    found = stages_of(service.workspace.repository, service.workspace.jobs, transcript_id)
    return [StageView.of(run) for run in found]


@router.get("/removed", summary="List what was taken out", responses=_NOT_FOUND)
def removed(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> RemovedList:
    """Text that recognition wrote and probably nobody said, with the reason."""
    document, number, _first = _page(service, transcript_id, version)
    items = [
        RemovedView(number=at, removed=each) for at, each in enumerate(document.removed, start=1)
    ]
    return RemovedList(version=number, items=items)


@router.post(
    "/removed/restore", status_code=201, summary="Put back what was taken out", responses=CHANGED
)
def restore(transcript_id: str, body: Numbers, edits: TheEdits, response: Response) -> RevisionView:
    """At its own time, by whoever speaks then."""
    made = revisions.restore_removed(edits, transcript_id, body.numbers)
    return answered(response, made)


@router.get("/edits", summary="List a language model's edits", responses=_NOT_FOUND)
def edits_of_model(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> EditList:
    """Those that were made, and those that were refused with the reason."""
    document, number, _first = _page(service, transcript_id, version)
    enhancement = document.enhancement
    found = enhancement.edits if enhancement else ()
    items = [EditView(number=at, edit=each) for at, each in enumerate(found, start=1)]
    return EditList(version=number, items=items, enhancement=enhancement)


@router.post(
    "/edits/undo", status_code=201, summary="Undo a language model's edits", responses=CHANGED
)
def undo_edits(
    transcript_id: str, body: Numbers, edits: TheEdits, response: Response
) -> RevisionView:
    """What was recognised stands there again."""
    return answered(response, revisions.undo_edits(edits, transcript_id, body.numbers))


@router.get("/notes", summary="Show what a language model wrote", responses=_NOT_FOUND)
def notes(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> NotesView:
    """Title, summary, chapters, action items, proposed names, translations."""
    document, number, _first = _page(service, transcript_id, version)
    return NotesView(version=number, notes=document.notes)


@router.post("/notes", status_code=202, summary="Have notes written again", responses=_NOT_FOUND)
def new_notes(
    transcript_id: str,
    body: NewNotes,
    service: TheService,
    caller: Submitter,
    response: Response,
    idempotency_key: Key = "",
) -> JobView:
    """By a job that keeps what was recognised and who spoke; its transcript is another one."""
    changed = {"enhancement": body.enhancement.model_dump(mode="json")}
    made = again.transcribe_again(service, caller, transcript_id, changed, idempotency_key)
    return queued_view(response, made)


@router.post(
    "/translations/{language}",
    status_code=201,
    summary="Translate passages again",
    responses={**CHANGED, **responses(502)},
)
def translate(
    transcript_id: str,
    language: str,
    body: NewTranslation,
    edits: TheEdits,
    service: TheService,
    response: Response,
) -> RevisionView:
    """As they read now, by the language model that is configured; other translations stay. The
    same text has the same translation.
    """
    made = translate_again(service.workspace, edits, transcript_id, language, body.words)
    return answered(response, made)


@router.post("/notes/names", status_code=201, summary="Accept proposed names", responses=CHANGED)
def accept_names(transcript_id: str, edits: TheEdits, response: Response) -> RevisionView:
    """Speakers get the names that a language model took from what is said."""
    return answered(response, revisions.accept_names(edits, transcript_id))


@router.post("/jobs", status_code=202, summary="Transcribe again", responses=_NOT_FOUND)
def transcribe_again(
    transcript_id: str,
    body: Again,
    service: TheService,
    caller: Submitter,
    response: Response,
    idempotency_key: Key = "",
) -> JobView:
    """With other options. What people decided can be carried over to what comes of it."""
    ask = again.carried_again if body.carry else again.transcribe_again
    return queued_view(response, ask(service, caller, transcript_id, body.options, idempotency_key))


@router.get("/alternatives", summary="List other readings", responses=_NOT_FOUND)
def alternatives(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> ReadingList:
    """Other texts for words that the transcript holds: what other passes or hypotheses of the
    recogniser have, what a language model replaced, and what it asked for in vain.
    """
    document, number, _first = _page(service, transcript_id, version)
    items = [ReadingView.model_validate(each) for each in readings(document)]
    return ReadingList(version=number, items=items)


@router.get("/review", summary="Show what to hear again", responses=_NOT_FOUND)
def review(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    version: VersionQuery = None,
    limit: Limit = 50,
    page: _Cursor = "",
) -> ReviewView:
    """Doubtful words and speakers, with context, by what a second of listening brings; how many
    words are probably wrong now and afterwards, and how long it takes.
    """
    document, number, first = _page(service, transcript_id, version, page)
    found = outlook(document)
    following = _next(number, first + limit, len(found.places))
    return ReviewView.of(found, number, range(first, first + limit), following)


def _is_below(word: Word, confidence: float) -> bool:
    return word.confidence is not None and word.confidence < confidence


def _page(
    service: Service, transcript_id: str, version: int | None, page: str = ""
) -> tuple[Transcript, int, int]:
    """A version of a transcript, its number, and where a page of it begins."""
    repository = service.workspace.repository
    newest = repository.versions(transcript_id)[0]
    chosen, first = read_numbers(page, 2) or (version or newest.version, 0)
    return repository.get(newest.id, chosen), chosen, first


def _next(version: int, past: int, count: int) -> str | None:
    return number_cursor(version, past) if past < count else None
