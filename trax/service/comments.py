"""What people say about words of a transcript, and suggest in their place."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from trax.errors import AccessDenied, InvalidOption, NotFound
from trax.export.remarks import Remark, Said
from trax.service.access import Caller
from trax.service.coediting import author_of, part_of
from trax.service.links import shown_name
from trax.store.comments import COMMENT, SUGGESTION, Comment, CommentRepository
from trax.store.revisions import Author
from trax.transcript import Transcript
from trax.work.workspace import Workspace

LONGEST = 10_000
"""Characters of a comment."""

_LONGEST_ID = 64
_OUTCOMES = {COMMENT: ("", "resolved"), SUGGESTION: ("", "accepted", "refused")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to say.

    Attributes:
        kind: `COMMENT` or `SUGGESTION`.
        first: id of the first word that it is about.
        last: id of the last one.
        quote: what these words are.
        text: what is said, or is to stand there instead.
        name: what somebody with a link calls themselves.
    """

    kind: str = COMMENT
    first: str
    last: str
    quote: str
    text: str
    name: str = ""


def comments_of(workspace: Workspace, caller: Caller, transcript_id: str) -> list[Comment]:
    """All that was said about a transcript, oldest first; with a link to a passage, what was said
    about that.

    Raises:
        AccessDenied: the caller has a link that shows the text alone.
    """
    if caller.link is not None:
        _check_part(workspace, caller, transcript_id)
    found = CommentRepository(workspace.database).of(transcript_id)
    words = _shown_words(workspace, caller, transcript_id)
    if words is None:
        return found
    shown = {each.id for each in found if _is_within(each, words)}
    return [each for each in found if each.thread in shown]


def say(workspace: Workspace, caller: Caller, transcript_id: str, draft: Draft) -> Comment:
    """Say something about words, or suggest others.

    Raises:
        AccessDenied: the caller may not, or not about these words.
        InvalidOption: there is nothing said, or too much.
    """
    _check_part(workspace, caller, transcript_id)
    name = secrets.token_hex(8)
    author = author_of(caller, draft.name)
    text = _checked(draft.text, LONGEST, is_empty_allowed=draft.kind == SUGGESTION)
    for word in (draft.first, draft.last):
        if not 0 < len(word) <= _LONGEST_ID or "\0" in word:
            raise InvalidOption("a comment is about words: name the first and the last")
    made = Comment(
        id=name,
        transcript_id=transcript_id,
        kind=draft.kind,
        thread=name,
        first_word=draft.first,
        last_word=draft.last,
        quote=_checked(draft.quote, LONGEST, is_empty_allowed=True),
        start=_start(workspace, transcript_id, draft.first),
        text=text,
        author_id=author.id,
        author=author.name,
        at=datetime.now(UTC),
    )
    words = _shown_words(workspace, caller, transcript_id)
    if words is not None and not _is_within(made, words):
        raise AccessDenied("these words are not in the passage that the link shows")
    CommentRepository(workspace.database).add(made)
    return made


def answer(
    workspace: Workspace, caller: Caller, transcript_id: str, comment_id: str, text: str, name: str
) -> Comment:
    """Answer a comment.

    Raises:
        AccessDenied: the caller may not.
        NotFound: it is gone, or they do not see it.
        InvalidOption: there is nothing said, or too much.
    """
    _check_part(workspace, caller, transcript_id)
    asked = _seen(workspace, caller, transcript_id, comment_id)
    author = author_of(caller, name)
    made = Comment(
        id=secrets.token_hex(8),
        transcript_id=transcript_id,
        kind=COMMENT,
        thread=asked.thread,
        first_word=asked.first_word,
        last_word=asked.last_word,
        quote="",
        start=asked.start,
        text=_checked(text, LONGEST),
        author_id=author.id,
        author=author.name,
        at=datetime.now(UTC),
    )
    CommentRepository(workspace.database).add(made)
    return made


def decide(
    workspace: Workspace, caller: Caller, transcript_id: str, comment_id: str, outcome: str
) -> list[Comment]:
    """Resolve a comment or open it again; accept or refuse a suggestion, which editors do. What is
    accepted is written into the text by whoever accepts it. Gives it and what answers it.

    Raises:
        AccessDenied: the caller may not.
        NotFound: it is gone, or they do not see it.
        InvalidOption: there is no such outcome.
    """
    part = _check_part(workspace, caller, transcript_id)
    found = _seen(workspace, caller, transcript_id, comment_id)
    if found.kind == SUGGESTION and part != "editor":
        raise AccessDenied("whoever may edit the transcript decides about suggestions")
    if outcome not in _OUTCOMES[found.kind] or found.thread != found.id:
        raise InvalidOption(f"a {found.kind} cannot be {outcome or 'open'!r}")
    values = {
        "outcome": outcome,
        "decided_by": caller.name if outcome else "",
        "decided_at": datetime.now(UTC) if outcome else None,
    }
    return CommentRepository(workspace.database).decide(found, values)


def remove(workspace: Workspace, caller: Caller, transcript_id: str, comment_id: str) -> None:
    """Delete a comment of one's own with all that answer it; editors delete any. All who have a
    link are one to the service: none of them has a comment of their own.

    Raises:
        AccessDenied: the caller may not.
        NotFound: it is gone, or they do not see it.
    """
    part = _check_part(workspace, caller, transcript_id)
    found = _seen(workspace, caller, transcript_id, comment_id)
    if part != "editor" and (caller.link is not None or found.author_id != caller.id):
        raise AccessDenied("a comment is deleted by whoever made it, or may edit the transcript")
    CommentRepository(workspace.database).remove(found)


def remarks(comments: Sequence[Comment]) -> list[Remark]:
    """Comments as exports show them, a thread each."""
    found: dict[str, Remark] = {}
    for each in comments:
        author = Author(each.author_id, each.author)
        said = Said(author=shown_name(author), at=each.at, text=each.text)
        if each.thread == each.id:
            found[each.id] = Remark(
                first=each.first_word,
                last=each.last_word,
                quote=each.quote,
                said=(said,),
                is_suggestion=each.kind == SUGGESTION,
                outcome=each.outcome,
            )
        elif each.thread in found:
            found[each.thread] = found[each.thread].answered(said)
    return list(found.values())


def _check_part(workspace: Workspace, caller: Caller, transcript_id: str) -> str:
    part = part_of(workspace, caller, transcript_id)
    if part == "viewer":
        raise AccessDenied("this needs the right to comment")
    return part


def _seen(workspace: Workspace, caller: Caller, transcript_id: str, comment_id: str) -> Comment:
    found = CommentRepository(workspace.database).get(transcript_id, comment_id)
    words = _shown_words(workspace, caller, transcript_id)
    if words is not None and not _is_within(found, words):
        raise NotFound("comment", comment_id, "it was deleted")
    return found


def _shown_words(workspace: Workspace, caller: Caller, transcript_id: str) -> set[str] | None:
    """The words that a link to a passage shows; ``None`` for whoever is shown them all."""
    if caller.link is None or caller.link.start is None or caller.link.end is None:
        return None
    start, end = caller.link.start, caller.link.end
    words = _newest(workspace, transcript_id).words
    return {word.id for word in words if start <= word.start < end}


def _is_within(comment: Comment, words: set[str]) -> bool:
    return {comment.first_word, comment.last_word} <= words


def _start(workspace: Workspace, transcript_id: str, word: str) -> float | None:
    document = _newest(workspace, transcript_id)
    return next((each.start for each in document.words if each.id == word), None)


def _newest(workspace: Workspace, transcript_id: str) -> Transcript:
    version = workspace.repository.versions(transcript_id)[0].version
    return workspace.repository.get(transcript_id, version)


def _checked(text: str, longest: int, *, is_empty_allowed: bool = False) -> str:
    stripped = text.strip()
    if "\0" in text or len(stripped) > longest or not (stripped or is_empty_allowed):
        raise InvalidOption(f"a comment has 1 to {longest} characters")
    return stripped
