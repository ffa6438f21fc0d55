"""The tables of what people changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from trax.store.tables import Base, Json, utc_now


class RevisionRow(Base):
    """What a person changed in one version of a transcript, which made the next one.

    ``digest`` is that of the version that it made, whose document may have been dropped since:
    *operations* make it again. They are ``None`` where no operations say what was done. *kind* ends
    in the number of the version that was restored, if one was. *authors* are ids and names of those
    who made it, if they were several.
    """

    __tablename__ = "revisions"

    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    base_version: Mapped[int]
    kind: Mapped[str]
    author_id: Mapped[str]
    author: Mapped[str]
    authors: Mapped[list[Any] | None] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    name: Mapped[str | None]
    digest: Mapped[str]
    operations: Mapped[list[Any] | None] = mapped_column(Json)
    inverse: Mapped[list[Any] | None] = mapped_column(Json)


class CarryRow(Base):
    """Decisions in the transcript ``source`` that are to be carried over to what a job makes.

    ``done_at`` is when that was tried, ``problem`` why nothing came of it.
    """

    __tablename__ = "carries"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    source: Mapped[str]
    author_id: Mapped[str]
    author_name: Mapped[str]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    problem: Mapped[str]


class ConflictRow(Base):
    """A decision of people that did not fit when it was carried over to a transcript.

    ``operation`` is ``None`` where nothing could be carried over: ``reason`` says why. ``kept`` is
    what was decided: ``mine`` or ``new``; empty while nobody has.
    """

    __tablename__ = "conflicts"

    transcript_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    reason: Mapped[str]
    operation: Mapped[Any | None] = mapped_column(Json)
    start: Mapped[float | None]
    end: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    kept: Mapped[str]
