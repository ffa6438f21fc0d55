"""The tables of voices that were replaced."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from trax.store.tables import Base


class AcceptedTakeRow(Base):
    """New speech for an utterance of a recording, which somebody has heard and accepted.

    It is the same speech in every job that says it; ``account`` is whose those jobs are.
    """

    __tablename__ = "accepted_takes"

    recording_sha256: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    utterance: Mapped[str] = mapped_column(primary_key=True)
    speech_sha256: Mapped[str] = mapped_column(primary_key=True)
    author_id: Mapped[str]
    author_name: Mapped[str]
    at: Mapped[datetime]
