"""New speech that people have heard and accepted; each change is in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from trax.store.audit import add_entry, in_utc
from trax.store.database import Database
from trax.store.job_values import JobRecord
from trax.store.revisions import Author
from trax.store.rows import upsert
from trax.store.tables import utc_now
from trax.store.voice_tables import AcceptedTakeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An utterance whose new speech somebody has accepted.

    Attributes:
        by: their name.
    """

    utterance: str
    by: str
    at: datetime


class AcceptedRepository:
    """Keeps what was accepted of the new speech in recordings.

    Speech is known by its digest: in another job that says the same it stays accepted.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, job: JobRecord, speech: Mapping[str, str]) -> list[Accepted]:
        """What was accepted of a job's *speech*, digests by utterance."""
        query = (
            select(AcceptedTakeRow)
            .where(
                AcceptedTakeRow.recording_sha256 == (job.recording_sha256 or ""),
                AcceptedTakeRow.account == job.account,
            )
            .order_by(AcceptedTakeRow.at, AcceptedTakeRow.utterance)
        )
        with self._database.reading() as session:
            return [
                Accepted(utterance=row.utterance, by=row.author_name, at=in_utc(row.at))
                for row in session.scalars(query)
                if speech.get(row.utterance) == row.speech_sha256
            ]

    def put(self, job: JobRecord, utterance: str, speech_sha256: str, author: Author) -> None:
        """Note that somebody accepts the new speech for an utterance."""
        values = {"author_id": author.id, "author_name": author.name, "at": utc_now()}
        with self._database.writing() as session:
            row = upsert(session, AcceptedTakeRow).values(
                **_key(job, utterance, speech_sha256), **values
            )
            session.execute(row.on_conflict_do_nothing())
            add_entry(session, "take.accepted", job.id, utterance=utterance)

    def remove(self, job: JobRecord, utterance: str, speech_sha256: str) -> None:
        """Note that nobody accepts it any more."""
        with self._database.writing() as session:
            key = _key(job, utterance, speech_sha256)
            session.execute(delete(AcceptedTakeRow).filter_by(**key))
            add_entry(session, "take.rejected", job.id, utterance=utterance)


def _key(job: JobRecord, utterance: str, speech_sha256: str) -> dict[str, str]:
    return {
        "recording_sha256": job.recording_sha256 or "",
        "account": job.account,
        "utterance": utterance,
        "speech_sha256": speech_sha256,
    }
