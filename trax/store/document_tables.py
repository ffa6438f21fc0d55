"""The tables of transcripts that several people edit at once."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from trax.store.tables import Base, BigKey, utc_now


class DocumentRow(Base):
    """The shared document of a transcript, and the version that it was made of.

    Whoever saves it, ``saving_by``, has it for themselves until ``saving_until``. ``saved_seq`` is
    the last update that a version has.
    """

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    transcript_id: Mapped[str] = mapped_column(unique=True)
    opened_version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime] = mapped_column(index=True, default=utc_now)
    saving_by: Mapped[str] = mapped_column(default="")
    saving_until: Mapped[datetime | None]
    saved_seq: Mapped[int] = mapped_column(BigKey, default=0)


class DocumentStateRow(Base):
    """A room of a shared document as it was, from which updates go on."""

    __tablename__ = "document_states"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    room: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DocumentUpdateRow(Base):
    """What somebody changed in a room. A number is never used again."""

    __tablename__ = "document_updates"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(BigKey, primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    room: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    author_id: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class CommentRow(Base):
    """What somebody says about words of a transcript, or suggests in their place.

    ``thread`` is the id of the comment that this one answers, its own where it begins one.
    ``outcome`` is empty while it is open.
    """

    __tablename__ = "comments"

    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    thread: Mapped[str]
    first_word: Mapped[str]
    last_word: Mapped[str]
    quote: Mapped[str]
    start: Mapped[float | None]
    text: Mapped[str]
    author_id: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    outcome: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime | None]
