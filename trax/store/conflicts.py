"""Decisions of people that did not fit another version of a transcript, until they are settled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from trax.errors import NotFound
from trax.revision import Misfit, operation_from
from trax.store.database import Database
from trax.store.replay import as_json
from trax.store.revision_tables import ConflictRow
from trax.store.tables import utc_now
from trax.transcript import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A decision that did not fit.

    Attributes:
        number: of those of its transcript, from 1 on.
        source: id of the transcript in which it was made.
        reason: why it did not fit.
        misfit: the decision; ``None`` if nothing could be carried over at all.
    """

    transcript_id: str
    number: int
    source: str
    reason: str
    misfit: Misfit | None


class ConflictRepository:
    """Keeps what did not fit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, transcript_id: str, source: str, misfits: Sequence[Misfit]) -> None:
        """Note what did not fit, in place of what is still open from the same *source*."""
        rows = [_values(each) for each in misfits]
        self._put(transcript_id, source, rows)

    def add(
        self,
        transcript_id: str,
        source: str,
        misfits: Sequence[Misfit],
        fence: Callable[[Session], None] | None = None,
    ) -> None:
        """Note what did not fit, beside what is open already; the same a second time is none.

        Args:
            fence: called in the transaction; what it raises leaves everything as it is.
        """
        if not misfits:
            return
        with self._database.writing() as session:
            if fence is not None:
                fence(session)
            known = [each.misfit.operation for each in _open(session, transcript_id) if each.misfit]
            rows = [_values(each) for each in misfits if each.operation not in known]
            _append(session, transcript_id, source, rows)

    def add_problems(self, transcript_id: str, source: str, reasons: Sequence[str]) -> None:
        """Note what could not be done, beside what is open; the same a second time is none."""
        if not reasons:
            return
        with self._database.writing() as session:
            known = {each.reason for each in _open(session, transcript_id)}
            rows = [_problem(each) for each in reasons if each not in known]
            _append(session, transcript_id, source, rows)

    def put_problem(self, transcript_id: str, source: str, reason: str) -> None:
        """Note that nothing of a transcript could be carried over."""
        self._put(transcript_id, source, [_problem(reason)])

    def open(self, transcript_id: str) -> list[Conflict]:
        """What nobody has settled, oldest first."""
        with self._database.reading() as session:
            return _open(session, transcript_id)

    def get(self, transcript_id: str, number: int) -> Conflict:
        """One that is open.

        Raises:
            NotFound: there is none with this number.
        """
        for each in self.open(transcript_id):
            if each.number == number:
                return each
        raise NotFound("conflict", str(number), "it was settled, or there never was one")

    def settle(self, conflict: Conflict, kept: str) -> None:
        """Note what was kept: ``mine`` or ``new``."""
        same = (
            ConflictRow.transcript_id == conflict.transcript_id,
            ConflictRow.number == conflict.number,
        )
        with self._database.writing() as session:
            session.execute(update(ConflictRow).where(*same).values(kept=kept))

    def _put(self, transcript_id: str, source: str, rows: Sequence[dict[str, object]]) -> None:
        own = ConflictRow.transcript_id == transcript_id
        with self._database.writing() as session:
            replaced = update(ConflictRow).where(
                own, ConflictRow.source == source, ConflictRow.kept == ""
            )
            session.execute(replaced.values(kept="again"))
            _append(session, transcript_id, source, rows)


def _open(session: Session, transcript_id: str) -> list[Conflict]:
    query = (
        select(ConflictRow)
        .where(ConflictRow.transcript_id == transcript_id, ConflictRow.kept == "")
        .order_by(ConflictRow.number)
    )
    return [_conflict(row) for row in session.scalars(query)]


def _append(
    session: Session, transcript_id: str, source: str, rows: Sequence[dict[str, object]]
) -> None:
    own = ConflictRow.transcript_id == transcript_id
    last = session.scalar(select(func.max(ConflictRow.number)).where(own)) or 0
    common = {
        "transcript_id": transcript_id,
        "source": source,
        "kept": "",
        "created_at": utc_now(),
    }
    numbered = [{**common, **row, "number": last + at} for at, row in enumerate(rows, start=1)]
    if numbered:
        session.execute(insert(ConflictRow), numbered)


def _values(misfit: Misfit) -> dict[str, object]:
    span = misfit.span
    return {
        "operation": as_json(misfit.operation),
        "reason": misfit.reason,
        "start": span.start if span else None,
        "end": span.end if span else None,
    }


def _problem(reason: str) -> dict[str, object]:
    return {"operation": None, "reason": reason, "start": None, "end": None}


def _conflict(row: ConflictRow) -> Conflict:
    misfit = None
    if row.operation is not None:
        operation = operation_from(row.operation, f"conflict {row.number}")
        known = row.start is not None and row.end is not None
        span = Span(row.start or 0.0, row.end or 0.0) if known else None
        misfit = Misfit(operation=operation, reason=row.reason, span=span)
    return Conflict(
        transcript_id=row.transcript_id,
        number=row.number,
        source=row.source,
        reason=row.reason,
        misfit=misfit,
    )
