"""Changes of transcripts: made, listed, taken back; earlier versions compared and restored."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from trax.revision import Write
from trax.service import again, conflicts, revisions
from trax.service.blame import last_changes
from trax.service.differences import differences, renamed
from trax.service.folders import seen
from trax.service.recordings import recording_of
from trax.service.stale_notes import stale_notes
from trax.service.typed import typed_times
from trax.store import Revision
from trax.web.asking import Editor, Reader, TheService
from trax.web.matching import (
    LARGEST_VERSION,
    TheEdits,
    VersionInPath,
    VersionQuery,
    document_at,
    tag_of,
)
from trax.web.outdated import OUTDATED
from trax.web.paging import Cursor, Limit, number_cursor, page_of, read_numbers
from trax.web.problems import responses
from trax.web.things import for_visitors
from trax.web.views.revisions import (
    BlamedView,
    BlameList,
    CarriedView,
    ConflictList,
    ConflictView,
    DifferenceList,
    DifferenceView,
    NewRevision,
    RevisionPage,
    RevisionSummary,
    RevisionView,
    Settled,
    SettledView,
    StaleNotesView,
    VersionName,
)
from trax.web.views.typed import Typed, TypedView, TypedWord

router = APIRouter(prefix="/v1/transcripts/{transcript_id}", tags=["revisions"])

CHANGED: dict[int | str, dict[str, Any]] = {**responses(404, 428), **OUTDATED}
"""What OpenAPI says of the problems of a change."""


@router.post(
    "/revisions",
    status_code=201,
    summary="Change a transcript",
    responses=CHANGED,
)
@for_visitors
def create(
    transcript_id: str, body: NewRevision, edits: TheEdits, response: Response
) -> RevisionView:
    """Do operations, all or none: a new version, whose `ETag` is for the next change. `If-Match`
    says which version you have seen; if it is no longer the newest, nothing is done, and the
    problem has what was changed meanwhile.
    """
    return answered(response, revisions.edit(edits, transcript_id, body.operations, body.name))


@router.post("/times", summary="Find the times of typed words", responses=responses(404))
def times(
    transcript_id: str,
    body: Typed,
    service: TheService,
    _caller: Editor,
    version: VersionQuery = None,
) -> TypedView:
    """When words that somebody typed were said, by the sound around them. Nothing is changed: an
    `insert` with these times does.
    """
    workspace = service.workspace
    document, chosen = document_at(service, transcript_id, version)
    write = Write(text=body.text, after=body.after, before=body.before)
    recording = recording_of(workspace, transcript_id)
    found = typed_times(workspace, recording, document, write)
    words = [
        TypedWord(text=text, start=span.start, end=span.end)
        for text, span in zip(body.text.split(), found.spans, strict=True)
    ]
    return TypedView(version=chosen, heard=found.heard, items=words)


@router.get("/revisions", summary="List changes", responses=responses(404))
def index(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    limit: Limit = 50,
    page: Cursor = "",
) -> RevisionPage:
    """Who changed what and when, the newest first. Versions that jobs made are not among them."""
    (before,) = read_numbers(page, 1) or (None,)
    found = service.workspace.revisions.newest(transcript_id, limit + 1, before)
    shown, last = page_of(found, limit)
    return RevisionPage(
        items=[RevisionSummary.of(each) for each in shown],
        next_cursor=number_cursor(last.version) if last else None,
    )


@router.get("/blame", summary="Show who changed words last", responses=responses(404))
def blame(
    transcript_id: str, service: TheService, _caller: Reader, version: VersionQuery = None
) -> BlameList:
    """Who made which words what they are, and when. Words that are not there are as a machine made
    them.
    """
    store = service.workspace.revisions
    chosen = version or store.transcripts.versions(transcript_id)[0].version
    found = last_changes(store, transcript_id, chosen)
    return BlameList(version=chosen, items=[BlamedView.of(each) for each in found])


@router.get("/notes/stale", summary="Show which notes are stale", responses=responses(404))
def stale(transcript_id: str, service: TheService, _caller: Reader) -> StaleNotesView:
    """Summary and chapters whose text people changed since a language model wrote them."""
    return StaleNotesView.model_validate(stale_notes(service.workspace.repository, transcript_id))


@router.get("/revisions/{version}", summary="Show a change", responses=responses(404))
def get(
    transcript_id: str, version: VersionInPath, service: TheService, _caller: Reader
) -> RevisionView:
    """With its operations, and what takes them back."""
    return RevisionView.of(service.workspace.revisions.get(transcript_id, version))


@router.patch("/revisions/{version}", summary="Name a version", responses=responses(404))
def rename(
    transcript_id: str,
    version: VersionInPath,
    body: VersionName,
    service: TheService,
    _caller: Editor,
) -> RevisionView:
    """Such as "as printed". The document does not change."""
    store = service.workspace.revisions
    return RevisionView.of(revisions.name_version(store, transcript_id, version, body.name))


@router.post(
    "/revisions/{version}/undo",
    status_code=201,
    summary="Take one change back",
    responses=CHANGED,
)
def undo(
    transcript_id: str, version: VersionInPath, edits: TheEdits, response: Response
) -> RevisionView:
    """As a new change. 422 if later changes are in the way."""
    return answered(response, revisions.undo(edits, transcript_id, version))


@router.post(
    "/versions/{version}/restore",
    status_code=201,
    summary="Restore a version",
    responses=CHANGED,
)
def restore(
    transcript_id: str, version: VersionInPath, edits: TheEdits, response: Response
) -> RevisionView:
    """Everything as it was then, as a new change: what came since stays in the history."""
    return answered(response, revisions.restore_version(edits, transcript_id, version))


@router.get("/differences", summary="Compare two versions", responses=responses(404))
def compare(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    one: Annotated[int, Query(alias="from", ge=1, le=LARGEST_VERSION, description="A version.")],
    other: Annotated[
        int | None,
        Query(alias="to", ge=1, le=LARGEST_VERSION, description="Another; the newest by default."),
    ] = None,
) -> DifferenceList:
    """Words that were replaced, put in, taken out, or given to somebody else."""
    repository = service.workspace.repository
    newest = repository.versions(transcript_id)[0]
    to = other or newest.version
    before, after = repository.get(newest.id, one), repository.get(newest.id, to)
    return DifferenceList(
        from_version=one,
        to_version=to,
        items=[DifferenceView.of(each) for each in differences(before, after)],
        names=renamed(before, after),
    )


@router.post(
    "/revisions/from/{other_id}",
    status_code=201,
    summary="Carry changes over",
    responses=CHANGED,
)
def carry_over(
    transcript_id: str,
    other_id: str,
    edits: TheEdits,
    service: TheService,
    caller: Editor,
    response: Response,
) -> CarriedView:
    """Do here what people did to another transcript of the recording, such as that of an earlier
    job. What fits nowhere is listed.
    """
    other = seen(service.workspace, caller, "transcript", other_id, "viewer")
    carried = again.carry_over(service.workspace, edits, transcript_id, other)
    made = answered(response, carried.revision) if carried.revision else None
    return CarriedView(revision=made, misfits=list(carried.misfits))


@router.get("/conflicts", summary="List what did not fit", responses=responses(404))
def list_conflicts(transcript_id: str, service: TheService, _caller: Reader) -> ConflictList:
    """Decisions of people that did not fit when they were carried over to this transcript, until
    they are settled.
    """
    found = conflicts.listed(service.workspace, transcript_id)
    return ConflictList(items=[ConflictView.model_validate(each) for each in found])


@router.post("/conflicts/{number}", summary="Settle what did not fit", responses=CHANGED)
def settle_conflict(
    transcript_id: str,
    number: Annotated[int, Path(ge=1, le=LARGEST_VERSION, description="Of the conflict.")],
    body: Settled,
    edits: TheEdits,
    service: TheService,
    response: Response,
) -> SettledView:
    """Keep `mine`: do what was decided to what is said at that time now; or keep the `new`."""
    made = conflicts.settle(service.workspace, edits, transcript_id, number, body.keep)
    return SettledView(revision=answered(response, made) if made else None)


def answered(response: Response, made: Revision) -> RevisionView:
    """A change that was made, with the ETag of the version that it made."""
    response.headers["ETag"] = tag_of(made.version)
    place = f"/v1/transcripts/{made.transcript_id}/revisions/{made.version}"
    response.headers["Location"] = place
    return RevisionView.of(made)
