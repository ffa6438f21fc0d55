"""Links that share a transcript, or a passage of it, with whoever has them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from trax.errors import AccessDenied, NotFound
from trax.export import FORMATS, known_formats
from trax.service import links
from trax.service.serving import Service
from trax.stages.options import FormatName
from trax.store import Link
from trax.transcript import Transcript
from trax.web.asking import Address, Editor, Reader, TheService, caller_of
from trax.web.credentials import give_visit_cookie
from trax.web.matching import tag_of
from trax.web.problems import responses
from trax.web.routes.media import add_routes, show_sound
from trax.web.routes.transcripts import file_name
from trax.web.routes.users import TheAttempts
from trax.web.things import for_visitors, needs
from trax.web.views.links import LinkList, LinkView, MadeLink, NewLink, Opening, VisitView
from trax.web.views.passages import WarningList

router = APIRouter(prefix="/v1", tags=["links"])

_PRIVATE = {"Cache-Control": "private, no-store"}
_JSON = "application/json"
_OF_TRANSCRIPT = "/transcripts/{transcript_id}/links"
_OF_LINK = "/shared/{link_id}"


@router.get(_OF_TRANSCRIPT, summary="List a transcript's links", responses=responses(404))
@needs("owner")
def index(transcript_id: str, service: TheService, _caller: Reader) -> LinkList:
    """The newest first, revoked and expired ones, too."""
    known = service.workspace.repository.resolve(transcript_id)
    found = service.workspace.links.of_transcript(known)
    return LinkList(items=[LinkView.of(each) for each in found])


@router.post(_OF_TRANSCRIPT, status_code=201, summary="Make a link", responses=responses(404))
@needs("owner")
def post(transcript_id: str, body: NewLink, service: TheService, caller: Editor) -> MadeLink:
    """Whoever has it may see the transcript, or the passage, until it expires or is revoked. The
    answer is the only place that ever shows its secret.
    """
    known = service.workspace.repository.resolve(transcript_id)
    made = links.create(service.workspace.links, caller, known, body.wanted())
    return MadeLink(**dict(LinkView.of(made.link)), secret=made.secret)


@router.delete(
    _OF_TRANSCRIPT + "/{link_id}",
    status_code=204,
    summary="Revoke a link",
    responses=responses(404),
)
@needs("owner")
def delete(transcript_id: str, link_id: str, service: TheService, _caller: Editor) -> None:
    """Whoever has opened it sees nothing more."""
    known = service.workspace.repository.resolve(transcript_id)
    service.workspace.links.revoke(known, link_id)
    service.access.forget()


@router.post("/shared", summary="Open a link", responses=responses(404, 429))
@for_visitors
def open_link(
    body: Opening,
    request: Request,
    response: Response,
    service: TheService,
    attempts: TheAttempts,
    address: Address,
) -> VisitView:
    """Anybody who has one may. What to ask with from now on is answered, for twelve hours; browsers
    are given it as a cookie, too, for the link's own addresses.
    """
    secret, password = body.link.get_secret_value(), body.password.get_secret_value()
    visit = links.open_link(service.workspace.links, attempts, secret, password, address)
    give_visit_cookie(response, visit, secure=request.url.scheme == "https")
    return VisitView(link=LinkView.of(visit.link), token=visit.secret, expires_at=visit.expires_at)


async def _opened(request: Request) -> Link:
    link = caller_of(request).link
    if link is None:
        raise NotFound("link", "", "open one first")
    return link


Opened = Annotated[Link, Depends(_opened)]


async def _shown(link_id: str, link: Opened) -> Link:
    if link.id != link_id:
        raise NotFound("link", link_id, "open it first")
    return link


Shown = Annotated[Link, Depends(_shown)]


@router.get("/shared", summary="Show which link is open", responses=responses(404))
@for_visitors
def get(link: Opened) -> LinkView:
    """With what it allows."""
    return LinkView.of(link)


@router.get(
    _OF_LINK + "/transcript",
    summary="Show what a link shows",
    response_model=None,
    responses={200: {"model": Transcript}, **responses(404)},
)
@for_visitors
def transcript(link: Shown, service: TheService) -> Response:
    """The transcript, or no more of it than the passage. Its `ETag` is for changes."""
    document, version = _document(service, link)
    headers = _PRIVATE | {"ETag": tag_of(version)}
    return Response(FORMATS["json"].render(document), media_type=_JSON, headers=headers)


@router.get(
    _OF_LINK + "/warnings",
    summary="List what a shown transcript warns of",
    responses=responses(404),
)
@for_visitors
def warnings(link: Shown, service: TheService) -> WarningList:
    """As for the transcript itself; nothing for a passage."""
    document, _version = _document(service, link)
    return WarningList.of(document)


@router.get(
    _OF_LINK + "/exports/{format}",
    summary="Write what a link shows in a format",
    response_class=Response,
    responses=responses(404),
)
@for_visitors
def export(
    link: Shown, service: TheService, name: Annotated[FormatName, Path(alias="format")]
) -> Response:
    """As the transcript's own exports."""
    (name,) = known_formats([name])
    document, _version = _document(service, link)
    known = FORMATS[name]
    headers = _PRIVATE | file_name(document, name)
    return Response(known.render(document), media_type=known.media_type, headers=headers)


def _played(request: Request, link: Shown, service: TheService) -> None:
    if link.start is not None:
        raise AccessDenied("a link to a passage shows its text alone")
    show_sound(request, service, link.transcript_id, visited=True)


add_routes(router, _OF_LINK, _played, ("link_media", "prepare_link", "link_audio", "link_peaks"))


def _document(service: Service, link: Link) -> tuple[Transcript, int]:
    """What a link shows, and the version of which it does."""
    repository = service.workspace.repository
    version = repository.versions(link.transcript_id)[0].version
    document = repository.get(link.transcript_id, version)
    return links.passage_of(document, link), version
