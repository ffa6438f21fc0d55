"""Transcripts that several people edit at once."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, WebSocket
from starlette.concurrency import run_in_threadpool

from trax.errors import AccessDenied, NotFound, TraxError
from trax.service import coediting
from trax.service.access import Caller
from trax.service.serving import Service
from trax.store import DocumentRepository
from trax.web.asking import Editor, OfLink, Reader, TheService, of_link
from trax.web.coediting import peers, wire
from trax.web.coediting.open_documents import OpenDocuments
from trax.web.coediting.peers import Peer
from trax.web.coediting.rooms import OpenDocument
from trax.web.coediting.wire import Kind, Step
from trax.web.problems import responses
from trax.web.things import for_visitors, needs
from trax.web.views.coediting import OpenedView, PersonView, SavedView

router = APIRouter(prefix="/v1", tags=["coediting"])

_OF_TRANSCRIPT = "/transcripts/{transcript_id}/coediting"
_OF_LINK = "/shared/{link_id}/coediting"

Name = Annotated[
    str, Query(max_length=coediting.LONGEST_NAME, description="What a guest calls themselves.")
]


async def _documents(request: Request) -> OpenDocuments:
    found: OpenDocuments = request.app.state.documents
    return found


TheDocuments = Annotated[OpenDocuments, Depends(_documents)]


@router.post(
    _OF_TRANSCRIPT, summary="Open a transcript to edit it together", responses=responses(404)
)
@for_visitors
@needs("viewer")
def post(transcript_id: str, service: TheService, caller: Reader) -> OpenedView:
    """The document that all who edit this transcript share; it is made of the newest version if
    there is none. What they write goes through the WebSocket at this address and the document's id.
    """
    return _opened(service, caller, transcript_id)


@router.post(
    _OF_LINK,
    summary="Open what a link shows to edit it together",
    operation_id="coediting_by_link",
    tags=["links"],
    responses=responses(404),
)
@for_visitors
def visited_post(
    subject: OfLink,
    service: TheService,
    caller: Reader,
    name: Name = "",
) -> OpenedView:
    """The same document for whoever has opened a link to edit or comment, under a name that
    they give: `me` is how others see them. Its WebSocket at this address takes the name, too.
    """
    return _opened(service, caller, subject, name)


@router.post(
    _OF_TRANSCRIPT + "/save", summary="Save what was written together", responses=responses(404)
)
@for_visitors
async def save(
    transcript_id: str, service: TheService, documents: TheDocuments, _caller: Editor
) -> SavedView:
    """As a version, by those who wrote; that happens by itself a few seconds after the last key.
    `version` is null while somebody else saves it.
    """
    return await _saved(service, documents, transcript_id)


@router.post(
    _OF_LINK + "/save",
    summary="Save what was written together by a link",
    operation_id="save_by_link",
    tags=["links"],
    responses=responses(404),
)
@for_visitors
async def visited_save(
    _caller: Editor, subject: OfLink, service: TheService, documents: TheDocuments
) -> SavedView:
    """As for those who have signed in."""
    return await _saved(service, documents, subject)


def _opened(service: Service, caller: Caller, transcript_id: str, name: str = "") -> OpenedView:
    coediting.check_joining(caller)
    part = coediting.part_of(service.workspace, caller, transcript_id)
    author = coediting.author_of(caller, name)
    opened = coediting.open_document(service.workspace, transcript_id)
    return OpenedView(
        document=opened.document.id,
        base=opened.base,
        parts=list(opened.parts),
        role=part,
        me=PersonView.of(author),
    )


async def _saved(service: Service, documents: OpenDocuments, transcript_id: str) -> SavedView:
    opened = await run_in_threadpool(coediting.open_document, service.workspace, transcript_id)
    return SavedView(version=await documents.save(opened.document.id))


@router.websocket(_OF_TRANSCRIPT + "/{document_id}")
@for_visitors
async def socket(socket: WebSocket, transcript_id: str, document_id: str) -> None:
    """The document, as y-protocols has it, the room's name before each message."""
    await _serve(socket, transcript_id, document_id)


@router.websocket(_OF_LINK + "/{document_id}")
@for_visitors
async def visited_socket(
    socket: WebSocket, link_id: str, document_id: str, name: Name = ""
) -> None:
    """The same for whoever has opened a link."""
    subject = await of_link(link_id, socket)
    await _serve(socket, subject, document_id, name)


async def _serve(socket: WebSocket, reference: str, document_id: str, name: str = "") -> None:
    service: Service = socket.app.state.service
    documents: OpenDocuments = socket.app.state.documents
    caller: Caller = socket.state.caller
    if "read" not in caller.scopes and "admin" not in caller.scopes:
        raise AccessDenied("this needs the scope read")
    coediting.check_joining(caller)
    await run_in_threadpool(_check_document, service, reference, document_id)
    author = coediting.author_of(caller, name)

    def look() -> coediting.Part:
        return coediting.part_of(service.workspace, caller, reference)

    part = await run_in_threadpool(look)
    await socket.accept()
    peer = Peer(socket, author, part, look)
    try:
        async with documents.joined(document_id, peer) as document:
            peer.tell(await documents.comments(document.document.transcript_id))
            delivery = asyncio.create_task(peer.deliver())
            try:
                await _listen(socket, document, peer, delivery)
            finally:
                delivery.cancel()
    except NotFound:
        await socket.close(peers.REPLACED)
    except TraxError:
        await socket.close(peers.AGAIN)


def _check_document(service: Service, reference: str, document_id: str) -> None:
    """Refuse a document that is not this transcript's.

    Raises:
        NotFound: it is not.
    """
    coediting.check_parts()
    found = DocumentRepository(service.workspace.database).get(document_id)
    if found.transcript_id != service.workspace.repository.resolve(reference):
        raise NotFound("document", document_id, "it is another transcript's")


async def _listen(
    socket: WebSocket, document: OpenDocument, peer: Peer, delivery: asyncio.Task[None]
) -> None:
    """Take messages until the connection ends."""
    while not delivery.done():
        receiving = asyncio.ensure_future(socket.receive())
        await asyncio.wait({receiving, delivery}, return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():
            receiving.cancel()
            return
        come = receiving.result()
        if come["type"] == "websocket.disconnect":
            return
        code = await _taken(document, peer, come.get("bytes") or b"")
        if code is not None:
            peer.close(code)
            await delivery
            return


async def _taken(document: OpenDocument, peer: Peer, data: bytes) -> int | None:
    """Take one message; gives the code to close with if it is not allowed."""
    if len(data) > peers.LARGEST:
        return peers.TOO_LARGE
    if peer.is_too_fast():
        return peers.TOO_MANY
    part = await peer.part()
    if part is None:
        return peers.NO_LONGER
    try:
        message = wire.parsed(data)
        if message.kind is Kind.AWARENESS:
            wire.presences(message.data)
    except (ValueError, RecursionError):
        return peers.AGAIN if part == "editor" else None
    if message.kind is Kind.STORED:
        return None
    if message.step in (Step.MISSING, Step.UPDATE) and part != "editor":
        peer.tell({"type": "refused", "room": message.room})
        return None
    await document.take(peer, message)
    return None
