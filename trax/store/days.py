"""How stages and jobs went, added up by day (UTC), so that a year is answered as fast as a day.

Days that are over and settled are kept in tables of sums; later ones are added up when asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, select, update
from sqlalchemy.orm import Session

from trax.progress import SKIPPED, models_in
from trax.scoring.histogram import Histogram
from trax.store.audit import in_utc
from trax.store.database import Database
from trax.store.figure_tables import JobDayRow, StageDayRow
from trax.store.job_values import ENDED
from trax.store.rows import upsert
from trax.store.tables import FeedRow, JobRow, RecordingRow, StageRunRow

_FEED = "days"  # its number is that of the first day that is not kept yet
_PLANNED = {"recognise": "recognition", "diarize": "diarization"}
_ONE_DAY = timedelta(days=1)
_HISTOGRAMS = ("took", "paces", "waited")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDay:
    """How runs of one stage went on one day.

    Attributes:
        machine: where, as far as is known: where the job was worked on last.
        device: ``cpu`` or ``gpu``.
        model: names of the models that it ran with, by commas; empty if unknown, or without one.
        cached: runs that a checkpoint supplied.
        skipped: runs that had nothing to do.
        seconds: of the runs that had work to do.
        audio_seconds: likewise.
        processor_seconds: that they worked on processors.
        gpu_busy_seconds: for which a GPU was busy meanwhile.
        written_bytes: to disks.
        took: seconds of each of these.
        paces: seconds a second of audio.
    """

    day: date
    stage: str
    plan: str
    machine: str
    device: str
    model: str
    runs: int
    cached: int
    skipped: int
    retries: int
    seconds: float
    audio_seconds: float
    peak_memory_bytes: int
    peak_device_memory_bytes: int
    processor_seconds: float
    gpu_busy_seconds: float
    written_bytes: int
    took: Histogram
    paces: Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDay:
    """How jobs ended on one day.

    Attributes:
        audio_seconds: of their recordings.
        waited: seconds until work began on each that was begun once.
        took: seconds from then on.
        paces: likewise, a second of audio.
    """

    day: date
    pipeline: str
    plan: str
    status: str
    jobs: int
    attempts: int
    audio_seconds: float
    waited: Histogram
    took: Histogram
    paces: Histogram


class Days:
    """Reads and keeps what was added up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stages(self, since: date, until: date) -> list[StageDay]:
        """How stages went from *since* to *until*, both included."""
        query = select(StageDayRow).where(StageDayRow.day.between(since, until))
        with self._database.reading() as session:
            kept = [_stage_day(row) for row in session.scalars(query)]
            for day in _days(max(since, _first_open(session)), until):
                kept.extend(_stages_of(session, day))
        return kept

    def jobs(self, since: date, until: date) -> list[JobDay]:
        """How jobs ended from *since* to *until*, both included."""
        query = select(JobDayRow).where(JobDayRow.day.between(since, until))
        with self._database.reading() as session:
            kept = [_job_day(row) for row in session.scalars(query)]
            for day in _days(max(since, _first_open(session)), until):
                kept.extend(_jobs_of(session, day))
        return kept

    def keep(self, before: date) -> Iterator[date]:
        """Keep the sums of all days before *before* that are not kept yet, each when it is asked
        for; gives each day that is.

        A stage counts to the day on which it began, but is recorded when it has ended: a day is to
        be kept once nothing of it runs any more.
        """
        while True:
            with self._database.writing() as session:
                session.execute(
                    upsert(session, FeedRow)
                    .values(name=_FEED, event_id=_earliest(session).toordinal())
                    .on_conflict_do_nothing()
                )
                day = _first_open(session, locked=True)
                if day >= before:
                    return
                _insert(session, StageDayRow, _stages_of(session, day))
                _insert(session, JobDayRow, _jobs_of(session, day))
                moved = update(FeedRow).where(FeedRow.name == _FEED)
                session.execute(moved.values(event_id=day.toordinal() + 1))
            yield day


def _first_open(session: Session, *, locked: bool = False) -> date:
    """The first day whose sums are not kept yet."""
    query = select(FeedRow.event_id).where(FeedRow.name == _FEED)
    ordinal = session.scalar(query.with_for_update() if locked else query)
    return date.fromordinal(ordinal) if ordinal else _earliest(session)


def _earliest(session: Session) -> date:
    """The day of the first job; today if there is none."""
    first = session.scalar(select(func.min(JobRow.created_at)))
    return (in_utc(first) if first else datetime.now(UTC)).date()


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), min(last, datetime.now(UTC).date()).toordinal() + 1):
        yield date.fromordinal(ordinal)


def _bounds(day: date) -> tuple[datetime, datetime]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start, start + _ONE_DAY


def _stages_of(session: Session, day: date) -> list[StageDay]:
    start, end = _bounds(day)
    is_of_day = and_(StageRunRow.started_at >= start, StageRunRow.started_at < end)
    jobs = _whereabouts(session, select(StageRunRow.job_id).where(is_of_day))
    groups: dict[tuple[str, str, str, str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for job_id, stage, engine, device_memory, *figures in session.execute(_runs(is_of_day)):
        if job_id not in jobs:
            continue  # it came between the two questions
        machine, plans = jobs[job_id]
        device = "gpu" if device_memory else "cpu"
        key = (stage, plans.get(stage, ""), machine, device, _models_in(engine))
        groups[key].append((engine.startswith(SKIPPED), device_memory, *figures))
    return [_summed(day, *key, rows) for key, rows in groups.items()]


def _runs(condition: ColumnElement[bool]) -> Select[Any]:
    return select(
        StageRunRow.job_id,
        StageRunRow.stage,
        StageRunRow.engine,
        StageRunRow.peak_device_memory_bytes,
        StageRunRow.cached,
        StageRunRow.retries,
        StageRunRow.seconds,
        StageRunRow.audio_seconds,
        StageRunRow.peak_memory_bytes,
        StageRunRow.processor_seconds,
        StageRunRow.gpu_busy_seconds,
        StageRunRow.written_bytes,
    ).where(condition)


def _whereabouts(
    session: Session, ids: Select[tuple[str]]
) -> dict[str, tuple[str, dict[str, str]]]:
    """Each job's machine, and its plans by stage: there is a tenth as many jobs as runs."""
    plans = [JobRow.options[group]["plan"].as_string() for group in _PLANNED.values()]
    query = select(JobRow.id, JobRow.owner, *plans).where(JobRow.id.in_(ids))
    found = {}
    for job_id, owner, *named in session.execute(query):
        known = {stage: plan or "" for stage, plan in zip(_PLANNED, named, strict=True)}
        found[job_id] = ((owner or "").partition("/")[0], known)
    return found


_models_in = lru_cache(maxsize=1024)(models_in)  # a million runs have few engines


def _summed(
    day: date,
    stage: str,
    plan: str,
    machine: str,
    device: str,
    model: str,
    rows: list[tuple[Any, ...]],
) -> StageDay:
    skipped, _, cached, retries, *_ = zip(*rows, strict=True)
    worked = [row for row in rows if not row[2] and not row[0]]
    columns = tuple(zip(*worked, strict=True)) or ((),) * len(rows[0])
    _, device_memory, _, _, seconds, audio, memory, processor, gpu, written = columns
    return StageDay(
        day=day,
        stage=stage,
        plan=plan,
        machine=machine,
        device=device,
        model=model,
        runs=len(rows),
        cached=sum(cached),
        skipped=sum(skip and not was for skip, was in zip(skipped, cached, strict=True)),
        retries=sum(retries),
        seconds=sum(seconds),
        audio_seconds=sum(audio),
        peak_memory_bytes=max(memory, default=0),
        peak_device_memory_bytes=max(device_memory, default=0),
        processor_seconds=sum(processor),
        gpu_busy_seconds=sum(gpu),
        written_bytes=sum(written),
        took=Histogram.of(seconds),
        paces=Histogram.of(_ratios(seconds, audio)),
    )


def _jobs_of(session: Session, day: date) -> list[JobDay]:
    groups: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_ended_on(day)):
        groups[row.pipeline, row.plan or "", row.status].append(row)
    return [_jobs_summed(day, *key, rows) for key, rows in groups.items()]


def _jobs_summed(day: date, pipeline: str, plan: str, status: str, rows: list[Row[Any]]) -> JobDay:
    once = [row for row in rows if row.attempts == 1]
    took = [_seconds(row.started_at, row.finished_at) for row in rows]
    audio = [row.duration or 0.0 for row in rows]
    return JobDay(
        day=day,
        pipeline=pipeline,
        plan=plan,
        status=status,
        jobs=len(rows),
        attempts=sum(row.attempts for row in rows),
        audio_seconds=sum(audio),
        waited=Histogram.of(_seconds(row.created_at, row.started_at) for row in once),
        took=Histogram.of(took),
        paces=Histogram.of(_ratios(took, audio)),
    )


def _ratios(seconds: Iterable[float], audio: Iterable[float]) -> Iterator[float]:
    return (took / length for took, length in zip(seconds, audio, strict=True) if length)


def _ended_on(day: date) -> Select[Any]:
    start, end = _bounds(day)
    is_over = and_(
        JobRow.finished_at >= start,
        JobRow.finished_at < end,
        JobRow.status.in_(sorted(ENDED)),
        JobRow.started_at.is_not(None),
    )
    return (
        select(
            JobRow.pipeline,
            JobRow.status,
            JobRow.attempts,
            JobRow.created_at,
            JobRow.started_at,
            JobRow.finished_at,
            RecordingRow.duration,
            JobRow.options["recognition"]["plan"].as_string().label("plan"),
        )
        .outerjoin(RecordingRow, RecordingRow.sha256 == JobRow.recording_sha256)
        .where(is_over)
    )


def _seconds(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds(), 0.0)


def _stage_day(row: StageDayRow) -> StageDay:
    values = {name: getattr(row, name) for name in StageDay.__dataclass_fields__}
    return StageDay(**_with_histograms(values))


def _job_day(row: JobDayRow) -> JobDay:
    values = {name: getattr(row, name) for name in JobDay.__dataclass_fields__}
    return JobDay(**_with_histograms(values))


def _with_histograms(values: dict[str, Any]) -> dict[str, Any]:
    found = {name: Histogram.from_json(values[name]) for name in _HISTOGRAMS if name in values}
    return values | found


def _insert(
    session: Session, table: type[StageDayRow | JobDayRow], days: Iterable[StageDay | JobDay]
) -> None:
    rows = []
    for day in days:
        values = {name: getattr(day, name) for name in day.__dataclass_fields__}
        kept = {name: values[name].to_json() for name in _HISTOGRAMS if name in values}
        rows.append(values | kept)
    if rows:
        session.execute(insert(table), rows)
