"""What people say about words of a transcript, and suggest in their place."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from trax.errors import NotFound
from trax.service import comments
from trax.service.access import Caller
from trax.service.serving import Service
from trax.store.comments import COMMENT, SUGGESTION
from trax.web.asking import Reader, TheService, caller_of
from trax.web.problems import responses
from trax.web.things import for_visitors, needs
from trax.web.views.comments import (
    CommentList,
    CommentView,
    Deciding,
    NewComment,
    NewReply,
    ReplyView,
    Resolving,
    SuggestedWordsView,
    comment_view,
    suggestion_view,
)

router = APIRouter(prefix="/v1/transcripts/{transcript_id}", tags=["coediting"])
shared = APIRouter(prefix="/v1/shared/{link_id}", tags=["links"])


async def _of_path(transcript_id: str, service: TheService) -> str:
    return await run_in_threadpool(service.workspace.repository.resolve, transcript_id)


async def _of_link(link_id: str, request: Request) -> str:
    link = caller_of(request).link
    if link is None or link.id != link_id:
        raise NotFound("link", link_id, "open it first")
    return link.transcript_id


async def told(request: Request, transcript_id: str) -> None:
    """Tell whoever has a transcript open what is said about it now."""
    await request.app.state.documents.comments_changed(transcript_id)


def add_routes(to: APIRouter, of: Callable[..., Awaitable[str]], suffix: str) -> None:
    """Add the routes of a transcript's comments; *of* gives its id."""

    @to.get(
        "/comments",
        summary="List comments and suggestions",
        operation_id=f"comments{suffix}",
        responses=responses(404),
    )
    @for_visitors
    def index(
        subject: Annotated[str, Depends(of)], service: TheService, caller: Reader
    ) -> CommentList:
        """Oldest first, with the answers. Words that a comment is about may be gone by now: it has
        a quote of them.
        """
        return CommentList.of(comments.comments_of(service.workspace, caller, subject))

    @to.post(
        "/comments",
        status_code=201,
        summary="Comment on words",
        operation_id=f"comment{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def post(
        subject: Annotated[str, Depends(of)],
        body: NewComment,
        request: Request,
        service: TheService,
        caller: Reader,
    ) -> CommentView:
        """Whoever may edit the transcript, or has a link that lets people comment, may."""
        draft = body.draft(COMMENT)
        made = await run_in_threadpool(comments.say, service.workspace, caller, subject, draft)
        await told(request, subject)
        return comment_view(made)

    @to.post(
        "/suggestions",
        status_code=201,
        summary="Suggest other words",
        operation_id=f"suggest{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def suggest(
        subject: Annotated[str, Depends(of)],
        body: NewComment,
        request: Request,
        service: TheService,
        caller: Reader,
    ) -> SuggestedWordsView:
        """An empty text suggests that nothing was said there."""
        draft = body.draft(SUGGESTION)
        made = await run_in_threadpool(comments.say, service.workspace, caller, subject, draft)
        await told(request, subject)
        return suggestion_view(made)

    @to.post(
        "/comments/{comment_id}/replies",
        status_code=201,
        summary="Answer a comment",
        operation_id=f"answer{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def reply(
        subject: Annotated[str, Depends(of)],
        comment_id: str,
        body: NewReply,
        request: Request,
        service: TheService,
        caller: Reader,
    ) -> ReplyView:
        """Behind the others."""
        made = await run_in_threadpool(
            comments.answer, service.workspace, caller, subject, comment_id, body.text, body.name
        )
        await told(request, subject)
        return ReplyView.of(made)

    @to.patch(
        "/comments/{comment_id}",
        summary="Resolve a comment",
        operation_id=f"resolve{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def resolve(
        subject: Annotated[str, Depends(of)],
        comment_id: str,
        body: Resolving,
        request: Request,
        service: TheService,
        caller: Reader,
    ) -> CommentView:
        """Or open it again."""
        outcome = "resolved" if body.resolved else ""
        await _decided(request, service, caller, subject, comment_id, outcome)
        found = await run_in_threadpool(comments.comments_of, service.workspace, caller, subject)
        made = next(each for each in found if each.id == comment_id)
        return comment_view(made, found)

    @to.patch(
        "/suggestions/{comment_id}",
        summary="Accept or refuse a suggestion",
        operation_id=f"decide{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def decide(
        subject: Annotated[str, Depends(of)],
        comment_id: str,
        body: Deciding,
        request: Request,
        service: TheService,
        caller: Reader,
    ) -> SuggestedWordsView:
        """Whoever may edit the transcript may. The words are written by whoever accepts them."""
        outcome = "" if body.state == "open" else body.state
        await _decided(request, service, caller, subject, comment_id, outcome)
        found = await run_in_threadpool(comments.comments_of, service.workspace, caller, subject)
        return suggestion_view(next(each for each in found if each.id == comment_id))

    @to.delete(
        "/comments/{comment_id}",
        status_code=204,
        summary="Delete a comment or suggestion",
        operation_id=f"uncomment{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def delete(
        subject: Annotated[str, Depends(of)],
        comment_id: str,
        request: Request,
        service: TheService,
        caller: Reader,
    ) -> None:
        """One's own, with its answers; whoever may edit the transcript deletes any."""
        await run_in_threadpool(comments.remove, service.workspace, caller, subject, comment_id)
        await told(request, subject)


async def _decided(
    request: Request,
    service: Service,
    caller: Caller,
    subject: str,
    comment_id: str,
    outcome: str,
) -> None:
    await run_in_threadpool(
        comments.decide, service.workspace, caller, subject, comment_id, outcome
    )
    await told(request, subject)


add_routes(router, _of_path, "")
add_routes(shared, _of_link, "_by_link")
