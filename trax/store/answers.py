"""What language models answered and what they cost, in the database."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import delete, func, select

from trax.store.database import Database
from trax.store.rows import portions, upsert
from trax.store.tables import AnswerRow, SpendingRow, utc_now
from trax.transcript import Usage


class AnswerRepository:
    """Answers by the digest of what was asked, how, and of whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, keys: Iterable[str]) -> dict[str, str]:
        """Those of *keys* that were answered."""
        found: dict[str, str] = {}
        with self._database.reading() as session:
            for some in portions(list(keys)):
                query = select(AnswerRow.key, AnswerRow.answer).where(AnswerRow.key.in_(some))
                found.update((key, answer) for key, answer in session.execute(query))
        return found

    def keep(self, answers: Mapping[str, str]) -> None:
        """Remember answers; one that is there already stays."""
        rows = [
            {"key": key, "answer": answer, "created_at": utc_now()}
            for key, answer in answers.items()
        ]
        if rows:
            with self._database.writing() as session:
                session.execute(upsert(session, AnswerRow).on_conflict_do_nothing(), rows)

    def forget_before(self, moment: datetime) -> int:
        """Remove answers that were given before *moment*, and give how many there were."""
        with self._database.writing() as session:
            old = AnswerRow.created_at < moment
            count = session.scalar(select(func.count()).select_from(AnswerRow).where(old)) or 0
            session.execute(delete(AnswerRow).where(old))
            return count


class SpendingRepository:
    """What calls cost, in US dollars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent_on(self, job_id: str) -> float:
        """On one job."""
        with self._database.reading() as session:
            return (
                session.scalar(
                    select(func.sum(SpendingRow.cost)).where(SpendingRow.job_id == job_id)
                )
                or 0.0
            )

    def spent_today(self) -> float:
        """On all jobs since midnight UTC."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        with self._database.reading() as session:
            return (
                session.scalar(select(func.sum(SpendingRow.cost)).where(SpendingRow.at >= midnight))
                or 0.0
            )

    def note(self, job_id: str, task: str, model: str, usage: Usage) -> None:
        """One call."""
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
