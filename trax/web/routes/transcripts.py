"""Transcripts: documents, versions, exports, search."""

import hashlib
from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import AwareDatetime

from trax.enhance.privacy import KINDS
from trax.errors import InvalidOption
from trax.export import FORMATS, known_formats
from trax.service.comments import comments_of, remarks
from trax.service.exports import in_language, redact
from trax.service.templates import noted, template_named
from trax.stages.options import FormatName
from trax.store import Wanted
from trax.transcript import Transcript
from trax.web.asking import Reader, TheService
from trax.web.matching import VersionQuery, document_at, names_tag, tag_of
from trax.web.paging import Cursor, Limit, cursor, page_of, read_cursor
from trax.web.problems import responses
from trax.web.views.transcripts import HitList, HitView, SummaryView, TranscriptPage, VersionList

router = APIRouter(prefix="/v1", tags=["transcripts"])

_IfNoneMatch = Annotated[str, Header(description="ETag of what you have: answers 304 if it is.")]


def _wanted(
    folder: Annotated[str | None, Query(description="Only those in this folder.")] = None,
    name: Annotated[str, Query(description="Part of the recording's name.", max_length=200)] = "",
    language: Annotated[str, Query(description="ISO 639-1 code.", max_length=20)] = "",
    speaker: Annotated[str, Query(description="Part of a speaker's name.", max_length=200)] = "",
    speakers: Annotated[int | None, Query(ge=0, le=1000, description="At least so many.")] = None,
    most_speakers: Annotated[
        int | None, Query(ge=0, le=1000, description="At most so many.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="Saved then or later.")] = None,
    tag: Annotated[
        list[str] | None, Query(max_length=20, description="Only those that have all of these.")
    ] = None,
) -> Wanted:
    return Wanted(
        name=name,
        language=language,
        speaker=speaker,
        speakers=speakers,
        most_speakers=most_speakers,
        since=since,
        folder_id=folder,
        tags=tuple(tag or ()),
    )


@router.get("/transcripts", summary="List transcripts")
def index(
    service: TheService,
    caller: Reader,
    wanted: Annotated[Wanted, Depends(_wanted)],
    limit: Limit = 50,
    page: Cursor = "",
) -> TranscriptPage:
    """The newest first, each with its newest version."""
    repository = service.workspace.repository
    found = repository.summaries(limit + 1, read_cursor(page), caller.sight, wanted)
    shown, last = page_of(found, limit)
    return TranscriptPage(
        items=[SummaryView.model_validate(each) for each in shown],
        next_cursor=cursor((last.created_at, last.id)) if last else None,
    )


@router.get("/search", summary="Find what was said")
def search(
    service: TheService,
    caller: Reader,
    q: Annotated[
        str,
        Query(
            max_length=1000,
            description='Words, in any order; `"two words"` in this order, `-word` not at all, '
            "`begin*` by their beginning.",
            examples=['"quarterly report" budget*'],
        ),
    ],
    limit: Limit = 50,
) -> HitList:
    """Segments of newest versions, last saved first."""
    hits = service.workspace.repository.search(q, limit, caller.sight)
    return HitList(items=[HitView.model_validate(hit) for hit in hits])


@router.get(
    "/transcripts/{transcript_id}",
    summary="Show a transcript",
    response_model=None,
    responses={200: {"model": Transcript}, 304: {}, **responses(404)},
)
def get(
    transcript_id: str,
    service: TheService,
    _caller: Reader,
    version: VersionQuery = None,
    if_none_match: _IfNoneMatch = "",
) -> Response:
    """The whole document: words with times and confidence, speakers, notes."""
    repository = service.workspace.repository
    newest = repository.versions(transcript_id)[0]
    number = version or newest.version
    data = repository.written(newest.id, number)
    if data is None:
        data = FORMATS["json"].render(repository.get(newest.id, number))
    return _answered(data, "application/json", number, if_none_match)


@router.get(
    "/transcripts/{transcript_id}/versions",
    summary="List a transcript's versions",
    responses=responses(404),
)
def versions(transcript_id: str, service: TheService, _caller: Reader) -> VersionList:
    """The newest first; a version never changes."""
    found = service.workspace.repository.versions(transcript_id)
    return VersionList(items=[SummaryView.model_validate(each) for each in found])


@router.get(
    "/transcripts/{transcript_id}/exports/{format}",
    summary="Write a transcript in a format",
    response_class=Response,
    responses={200: {"description": "The file."}, 304: {}, **responses(404)},
)
def export(
    request: Request,
    transcript_id: str,
    name: Annotated[FormatName, Path(alias="format")],
    service: TheService,
    caller: Reader,
    version: VersionQuery = None,
    language: Annotated[
        str, Query(description="A language that it was translated to, such as `de`.")
    ] = "",
    redacted: Annotated[
        list[str] | None,
        Query(alias="redact", description=f"Leave out: `all`, or some of {', '.join(KINDS)}."),
    ] = None,
    comments: Annotated[
        bool,
        Query(description="With what people said: in `md` and `docx`, if nothing is redacted."),
    ] = False,
    template: Annotated[
        str,
        Query(
            description="For `md`: the name of a template in `/v1/settings`, such as `note`.",
            max_length=200,
        ),
    ] = "",
    if_none_match: _IfNoneMatch = "",
) -> Response:
    """As `trax export` writes it: text, subtitles, tables, a Word document, a picture."""
    (name,) = known_formats([name])
    document, number = document_at(service, transcript_id, version)
    document = in_language(document, language)
    if redacted:
        document, _spans = redact(document, redacted, service.settings.spacy_model)
    known = FORMATS[name]
    if template:
        if name != "md":
            raise InvalidOption("templates are for the format md")
        if comments:
            raise InvalidOption("a note by a template has no comments: leave one of them out")
        text = template_named(service.settings.home, template)
        page = _page(request, document.id)
        is_redacted = bool(redacted)
        data = noted(service.workspace.repository, document, text, page, redacted=is_redacted)
    elif comments and not redacted and known.render_with is not None:
        said = remarks(comments_of(service.workspace, caller, document.id))
        data = known.render_with(document, said)
    else:
        data = known.render(document)
    answer = _answered(data, known.media_type, number, if_none_match)
    answer.headers.update(file_name(document, name))
    return answer


def _page(request: Request, transcript_id: str) -> str:
    """The address at which whoever asks sees the transcript."""
    return f"{str(request.base_url).rstrip('/')}/t/{transcript_id}"


def file_name(document: Transcript, name: str) -> dict[str, str]:
    """The header that says what the file of an export in the format *name* is called.

    A page that plays is saved: where the service shows it, its script may not run.
    """
    file = f"{PurePath(document.recording.name).stem or document.id}.{name}"
    how = "attachment" if name == "html" else "inline"
    return {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(file)}"}


def _answered(data: bytes, media_type: str, version: int, known: str) -> Response:
    """A representation with its ETag, or 304 if the caller has it."""
    digest = hashlib.sha256(data).hexdigest()[:16]
    tag = tag_of(version, digest)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if names_tag(known, tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)
