"""What people say about words of a transcript, and suggest in their place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from trax.errors import InvalidOption, NotFound
from trax.store.audit import add_entry
from trax.store.database import Database
from trax.store.document_tables import CommentRow
from trax.store.rows import read_row

COMMENT = "comment"
SUGGESTION = "suggestion"

MOST = 5000
"""Comments and suggestions on one transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody says, or suggests.

    Attributes:
        kind: `COMMENT` or `SUGGESTION`.
        thread: id of the comment that this one answers; its own if it begins a thread.
        first_word: id of the first word that it is about.
        last_word: id of the last one.
        quote: what these words were.
        start: when they were said, in seconds; ``None`` if that is not known.
        text: what is said, or is to stand there instead.
        outcome: empty while it is open; ``resolved``, ``accepted`` or ``refused``.
        decided_by: the name of whoever decided that.
    """

    id: str
    transcript_id: str
    kind: str
    thread: str
    first_word: str
    last_word: str
    quote: str
    start: float | None
    text: str
    author_id: str
    author: str
    at: datetime
    outcome: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


class CommentRepository:
    """Keeps comments and suggestions; each change is in the audit log, without what was said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, transcript_id: str) -> list[Comment]:
        """All of a transcript, oldest first."""
        query = select(CommentRow).where(CommentRow.transcript_id == transcript_id)
        query = query.order_by(CommentRow.at, CommentRow.id)
        with self._database.reading() as session:
            return [read_row(Comment, row) for row in session.scalars(query)]

    def get(self, transcript_id: str, comment_id: str) -> Comment:
        """One of them.

        Raises:
            NotFound: there is none with this id.
        """
        with self._database.reading() as session:
            return read_row(Comment, _check_there(session, transcript_id, comment_id))

    def add(self, comment: Comment) -> None:
        """Keep one.

        Raises:
            InvalidOption: the transcript has too many.
            NotFound: it answers one that is gone.
        """
        with self._database.writing() as session:
            if comment.thread != comment.id:
                _check_there(session, comment.transcript_id, comment.thread)
            mine = CommentRow.transcript_id == comment.transcript_id
            count = session.scalar(select(func.count()).select_from(CommentRow).where(mine)) or 0
            if count >= MOST:
                raise InvalidOption(f"a transcript has at most {MOST} comments: delete some")
            session.execute(insert(CommentRow).values(**asdict(comment)))
            _note(session, "comment.made", comment)

    def decide(self, comment: Comment, values: Mapping[str, object]) -> list[Comment]:
        """Give one another outcome; gives it and what answers it, oldest first.

        Raises:
            NotFound: it is gone.
        """
        mine = CommentRow.transcript_id == comment.transcript_id
        thread = select(CommentRow).where(mine, CommentRow.thread == comment.id)
        own = (mine, CommentRow.id == comment.id)
        with self._database.writing() as session:
            session.execute(update(CommentRow).where(*own).values(**values))
            _check_there(session, comment.transcript_id, comment.id)
            _note(session, "comment.decided", comment)
            found = [read_row(Comment, row) for row in session.scalars(thread)]
        return sorted(found, key=lambda each: (each.id != comment.id, each.at, each.id))

    def remove(self, comment: Comment) -> None:
        """Forget one, and all that answer it."""
        own = CommentRow.id == comment.id
        gone = (
            CommentRow.transcript_id == comment.transcript_id,
            or_(own, CommentRow.thread == comment.id),
        )
        with self._database.writing() as session:
            session.execute(delete(CommentRow).where(*gone))
            _note(session, "comment.deleted", comment)


def _check_there(session: Session, transcript_id: str, comment_id: str) -> CommentRow:
    row = session.get(CommentRow, (transcript_id, comment_id))
    if row is None:
        raise NotFound("comment", comment_id, "it was deleted")
    return row


def _note(session: Session, action: str, comment: Comment) -> None:
    add_entry(session, action, comment.transcript_id, comment=comment.id, kind=comment.kind)
