"""What people say about words, as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from trax.service.coediting import LONGEST_NAME
from trax.service.comments import LONGEST, Draft
from trax.store.comments import COMMENT, SUGGESTION, Comment
from trax.store.revisions import Author
from trax.web.views.base import Given, View
from trax.web.views.coediting import PersonView

_Text = Field(max_length=LONGEST, examples=["Did she not say fifteen?"])
_Name = Field(default="", max_length=LONGEST_NAME, description="Yours, if you came by a link.")


class NewComment(Given):
    """What is said about words."""

    first: str = Field(description="Id of the first word.", examples=["5f6313192cb8"])
    last: str = Field(description="Id of the last word.", examples=["5f6313192cb8"])
    quote: str = Field(max_length=LONGEST, description="What these words are.", examples=["five"])
    text: str = _Text
    name: str = _Name

    def draft(self, kind: str) -> Draft:
        """The same for the service."""
        return Draft(kind=kind, **dict(self))


class NewReply(Given):
    """An answer to a comment."""

    text: str = _Text
    name: str = _Name


class Resolving(Given):
    """What becomes of a comment."""

    resolved: bool


class Deciding(Given):
    """What becomes of a suggestion."""

    state: Literal["open", "accepted", "refused"]


class ReplyView(View):
    """An answer."""

    id: str
    text: str
    author: PersonView
    created_at: datetime

    @classmethod
    def of(cls, comment: Comment) -> "ReplyView":
        """An answer as it is kept."""
        return cls(
            id=comment.id,
            text=comment.text,
            author=_author(comment),
            created_at=comment.at,
        )


class CommentView(ReplyView):
    """What somebody said about words, and the answers."""

    first: str = Field(description="Id of the first word; it may be gone by now.")
    last: str = Field(description="Id of the last word.")
    quote: str = Field(description="What these words were.")
    resolved: bool
    replies: list[ReplyView]


class SuggestedWordsView(ReplyView):
    """Other words that somebody suggests."""

    first: str
    last: str
    quote: str
    state: Literal["open", "accepted", "refused"]


class CommentList(View):
    """All that was said about a transcript, oldest first."""

    comments: list[CommentView]
    suggestions: list[SuggestedWordsView]

    @classmethod
    def of(cls, found: Sequence[Comment]) -> "CommentList":
        """Comments as they are kept."""
        begun = [each for each in found if each.thread == each.id]
        threads: dict[str, list[Comment]] = {}
        for each in found:
            threads.setdefault(each.thread, []).append(each)
        return cls(
            comments=[
                comment_view(each, threads[each.id]) for each in begun if each.kind == COMMENT
            ],
            suggestions=[suggestion_view(each) for each in begun if each.kind == SUGGESTION],
        )


def comment_view(comment: Comment, others: Sequence[Comment] = ()) -> CommentView:
    """A comment with its answers, which are among *others*."""
    answers = [each for each in others if each.thread == comment.id and each.id != comment.id]
    return CommentView(
        **dict(ReplyView.of(comment)),
        **_about(comment),
        resolved=bool(comment.outcome),
        replies=[ReplyView.of(each) for each in answers],
    )


def suggestion_view(comment: Comment) -> SuggestedWordsView:
    """A suggestion."""
    state = comment.outcome or "open"
    fields = {**dict(ReplyView.of(comment)), **_about(comment), "state": state}
    return SuggestedWordsView.model_validate(fields)


def _about(comment: Comment) -> dict[str, str]:
    return {"first": comment.first_word, "last": comment.last_word, "quote": comment.quote}


def _author(comment: Comment) -> PersonView:
    return PersonView.of(Author(comment.author_id, comment.author))
