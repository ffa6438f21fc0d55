"""Segments as rows, to be searched."""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session

from trax.store.spaced import spaced
from trax.store.tables import SegmentRow
from trax.transcript import Transcript

_MOST_CHANGED = 500  # rows; of more changes all are written anew


def put_segments(
    session: Session | Connection, transcript: Transcript, version: int, former: int | None = None
) -> None:
    """Insert the segments of a version.

    Args:
        former: a version that is about to go. Where a segment is as it was there, its row is taken
            over, and need not be indexed again.
    """
    rows = [
        {
            "transcript_id": transcript.id,
            "version": version,
            "position": at,
            "start": each.start,
            "end": each.end,
            "speaker": each.speaker,
            "text": each.text,
            "spaced": spaced(each.text),
        }
        for at, each in enumerate(transcript.segments)
    ]
    if former is not None:
        kept = _taken_over(session, transcript, version, former)
        rows = [row for row in rows if row["position"] not in kept]
    if rows:
        session.execute(insert(SegmentRow.__table__), rows)  # type: ignore[arg-type]


def _taken_over(
    session: Session | Connection, transcript: Transcript, version: int, former: int
) -> set[int]:
    """Positions of the rows of *former* that are those of *version* now."""
    theirs = (SegmentRow.transcript_id == transcript.id, SegmentRow.version == former)
    columns = (SegmentRow.start, SegmentRow.end, SegmentRow.speaker, SegmentRow.text)
    new = [(each.start, each.end, each.speaker, each.text) for each in transcript.segments]
    kept: set[int] = set()
    changed: list[int] = []
    query = select(SegmentRow.id, SegmentRow.position, *columns).where(*theirs)
    for row_id, position, *values in session.execute(query):
        if position < len(new) and tuple(values) == new[position]:
            kept.add(position)
        else:
            changed.append(row_id)
    if len(changed) > _MOST_CHANGED:
        return set()
    moved = update(SegmentRow).where(*theirs, SegmentRow.id.not_in(changed))
    session.execute(moved.values(version=version), execution_options={"synchronize_session": False})
    return kept
