"""What people say about words of a transcript, and suggest in their place."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from trax.service import comments
from trax.service.access import Caller
from trax.service.serving import Service
from trax.store.comments import COMMENT, SUGGESTION
from trax.web.asking import OfLink, Reader, TheService
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
from trax.work.workspace import Workspace

router = APIRouter(prefix="/v1/transcripts/{transcript_id}", tags=["coediting"])
shared = APIRouter(prefix="/v1/shared/{link_id}", tags=["links"])

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for about the comments of a transcript."""

    request: Request
    service: Service
    caller: Caller
    subject: str

    async def do(
        self,
        what: Callable[Concatenate[Workspace, Caller, str, Given], Made],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Made:
        """Do it, and tell whoever has the transcript open what is said about it now."""
        workspace = self.service.workspace
        made = await run_in_threadpool(what, workspace, self.caller, self.subject, *given, **named)
        await self.request.app.state.documents.comments_changed(self.subject)
        return made


async def _of_path(transcript_id: str, service: TheService) -> str:
    return await run_in_threadpool(service.workspace.repository.resolve, transcript_id)


async def _asked_by_path(
    request: Request,
    service: TheService,
    caller: Reader,
    subject: Annotated[str, Depends(_of_path)],
) -> Asked:
    return Asked(request, service, caller, subject)


async def _asked_by_link(
    request: Request,
    service: TheService,
    caller: Reader,
    subject: OfLink,
) -> Asked:
    return Asked(request, service, caller, subject)


def add_routes(to: APIRouter, by: Callable[..., Awaitable[Asked]], suffix: str) -> None:
    """Add the routes of a transcript's comments; *by* says whose."""

    @to.get(
        "/comments",
        summary="List comments and suggestions",
        operation_id=f"comments{suffix}",
        responses=responses(404),
    )
    @for_visitors
    def index(asked: Annotated[Asked, Depends(by)]) -> CommentList:
        """Oldest first, with the answers. Words that a comment is about may be gone by now: it has
        a quote of them.
        """
        return CommentList.of(
            comments.comments_of(asked.service.workspace, asked.caller, asked.subject)
        )

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
        asked: Annotated[Asked, Depends(by)],
        body: NewComment,
    ) -> CommentView:
        """Whoever may edit the transcript, or has a link that lets people comment, may."""
        return comment_view(await asked.do(comments.say, body.draft(COMMENT)))

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
        asked: Annotated[Asked, Depends(by)],
        body: NewComment,
    ) -> SuggestedWordsView:
        """An empty text suggests that nothing was said there."""
        return suggestion_view(await asked.do(comments.say, body.draft(SUGGESTION)))

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
        asked: Annotated[Asked, Depends(by)],
        comment_id: str,
        body: NewReply,
    ) -> ReplyView:
        """Behind the others."""
        return ReplyView.of(await asked.do(comments.answer, comment_id, body.text, body.name))

    @to.patch(
        "/comments/{comment_id}",
        summary="Resolve a comment",
        operation_id=f"resolve{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def resolve(
        asked: Annotated[Asked, Depends(by)],
        comment_id: str,
        body: Resolving,
    ) -> CommentView:
        """Or open it again."""
        outcome = "resolved" if body.resolved else ""
        first, *answers = await asked.do(comments.decide, comment_id, outcome)
        return comment_view(first, answers)

    @to.patch(
        "/suggestions/{comment_id}",
        summary="Accept or refuse a suggestion",
        operation_id=f"decide{suffix}",
        responses=responses(404),
    )
    @for_visitors
    @needs("viewer")
    async def decide(
        asked: Annotated[Asked, Depends(by)],
        comment_id: str,
        body: Deciding,
    ) -> SuggestedWordsView:
        """Whoever may edit the transcript may. The words are written by whoever accepts them."""
        outcome = "" if body.state == "open" else body.state
        suggested, *_ = await asked.do(comments.decide, comment_id, outcome)
        return suggestion_view(suggested)

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
        asked: Annotated[Asked, Depends(by)],
        comment_id: str,
    ) -> None:
        """One's own, with its answers; whoever may edit the transcript deletes any. Guests have
        none of their own.
        """
        await asked.do(comments.remove, comment_id)


add_routes(router, _asked_by_path, "")
add_routes(shared, _asked_by_link, "_by_link")
