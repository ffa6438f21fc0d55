"""Answers of language models, and what they cost."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func, select

from trax.store.database import Database
from trax.store.rows import portions, upsert
from trax.store.tables import AnswerRow, SpendingRow, utc_now
from trax.transcript import Usage


class AnswerRepository:
    """Keeps answers by a digest of the question, its options and the model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """The answers that are kept under *keys*."""
        found: dict[str, str] = {}
        with self._database.reading() as session:
            for some in portions(list(keys)):
                query = select(AnswerRow.key, AnswerRow.answer).where(AnswerRow.key.in_(some))
                found |= dict(session.execute(query).tuples().all())
        return found

    def keep(self, answers: Mapping[str, str]) -> None:
        """Keep answers; one that is kept already stays."""
        now = utc_now()
        rows = [{"key": key, "answer": text, "created_at": now} for key, text in answers.items()]
        if rows:
            with self._database.writing() as session:
                session.execute(upsert(session, AnswerRow).on_conflict_do_nothing(), rows)

    def forget_before(self, moment: datetime) -> int:
        """Remove answers kept before *moment*, and return their number."""
        with self._database.writing() as session:
            old = AnswerRow.created_at < moment
            count = session.scalar(select(func.count()).select_from(AnswerRow).where(old)) or 0
            session.execute(delete(AnswerRow).where(old))
            return count


class SpendingRepository:
    """Keeps what calls of language models cost, in US dollars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent_on(self, job_id: str) -> float:
        """US dollars spent on one job."""
        return self._sum(SpendingRow.job_id == job_id)

    def spent_today(self) -> float:
        """US dollars spent on all jobs since midnight UTC."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return self._sum(SpendingRow.at >= midnight)

    def _sum(self, condition: ColumnElement[bool]) -> float:
        query = select(func.sum(SpendingRow.cost)).where(condition)
        with self._database.reading() as session:
            return session.scalar(query) or 0.0

    def note(self, job_id: str, task: str, model: str, usage: Usage) -> None:
        """Add the cost of one call."""
        row = SpendingRow(
            job_id=job_id,
            task=task,
            model=model,
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
            cost=usage.cost,
        )
        with self._database.writing() as session:
            session.add(row)
