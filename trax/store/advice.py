"""What advice about throughput is taken from, and the advice that was given."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update

from trax.progress import SKIPPED
from trax.store.audit import in_utc
from trax.store.database import Database
from trax.store.figure_tables import AdviceRow
from trax.store.job_values import JobStatus
from trax.store.rows import portions, read_row, upsert
from trax.store.tables import JobRow, RecordingRow, StageRunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stage of a job; ``worked`` if it had work to do. ``device`` is ``cpu`` or ``gpu``."""

    stage: str
    began: datetime
    seconds: float
    audio_seconds: float
    processor_seconds: float
    gpu_busy_seconds: float
    peak_memory_bytes: int
    device: str
    worked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneJob:
    """A job that was done at the first attempt; ``audio_seconds`` are its recording's."""

    created: datetime
    started: datetime
    finished: datetime
    plan: str
    audio_seconds: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Advice that was given.

    Attributes:
        setting: the setting it was about, as it was.
        wanted: as it is to be; empty: any other.
        evidence: the figures that it was taken from.
        rate: seconds of audio a second then.
        gain: by what it said that multiplies.
        version: of Trax, then.
        changed_at: when the setting was first seen to be changed.
        brought: by what the rate was multiplied; ``None`` until enough jobs were done.
    """

    machine: str
    kind: str
    setting: str
    wanted: str
    change: str
    evidence: str
    rate: float
    gain: float
    version: str
    given_at: datetime
    changed_at: datetime | None = None
    checked_at: datetime | None = None
    brought: float | None = None

    @property
    def state(self) -> str:
        """``open``, ``changed``, ``brought`` or ``withdrawn``: it brought less than half of what
        it said.
        """
        if self.brought is None:
            return "changed" if self.changed_at else "open"
        return "brought" if self.brought - 1.0 >= (self.gain - 1.0) / 2 else "withdrawn"


class AdviceRepository:
    """Reads jobs, and keeps advice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def done(self, machine: str, since: datetime, until: datetime, most: int) -> list[DoneJob]:
        """The newest *most* jobs that began at *since* or later and ended before *until*."""
        plan = JobRow.options["recognition"]["plan"].as_string()
        query = (
            select(
                JobRow.id,
                JobRow.created_at,
                JobRow.started_at,
                JobRow.finished_at,
                plan.label("plan"),
                RecordingRow.duration,
            )
            .outerjoin(RecordingRow, RecordingRow.sha256 == JobRow.recording_sha256)
            .where(
                JobRow.finished_at >= since,
                JobRow.finished_at < until,
                JobRow.started_at >= since,
                JobRow.status == JobStatus.COMPLETED,
                JobRow.attempts == 1,
                JobRow.owner.startswith(f"{machine}/", autoescape=True),
            )
            .order_by(JobRow.finished_at.desc())
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.execute(query).all()
            runs: dict[str, list[Run]] = {row.id: [] for row in rows}
            for ids in portions(list(runs)):
                for found in session.scalars(
                    select(StageRunRow).where(StageRunRow.job_id.in_(ids))
                ):
                    runs[found.job_id].append(_run(found))
        return [
            DoneJob(
                created=in_utc(row.created_at),
                started=in_utc(row.started_at),
                finished=in_utc(row.finished_at),
                plan=row.plan or "",
                audio_seconds=row.duration or 0.0,
                runs=tuple(runs[row.id]),
            )
            for row in rows
        ]

    def given(self, machine: str) -> list[Advice]:
        """All advice that was given for a machine, the newest first."""
        query = select(AdviceRow).where(AdviceRow.machine == machine)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(AdviceRow.given_at.desc()))
            return [read_row(Advice, row) for row in rows]

    def keep(self, advice: Advice) -> None:
        """Keep advice, unless it was given before."""
        with self._database.writing() as session:
            new = upsert(session, AdviceRow).values(**asdict(advice))
            session.execute(new.on_conflict_do_nothing())

    def note(self, advice: Advice) -> None:
        """Keep what came of advice."""
        is_it = (
            AdviceRow.machine == advice.machine,
            AdviceRow.kind == advice.kind,
            AdviceRow.setting == advice.setting,
        )
        came = update(AdviceRow).where(*is_it)
        values = {name: getattr(advice, name) for name in _CAME}
        with self._database.writing() as session:
            session.execute(came.values(values))


_CAME: Sequence[str] = ("changed_at", "checked_at", "brought")


def _run(row: StageRunRow) -> Run:
    return Run(
        stage=row.stage,
        began=in_utc(row.started_at),
        seconds=row.seconds,
        audio_seconds=row.audio_seconds,
        processor_seconds=row.processor_seconds,
        gpu_busy_seconds=row.gpu_busy_seconds,
        peak_memory_bytes=row.peak_memory_bytes,
        device="gpu" if row.peak_device_memory_bytes else "cpu",
        worked=not row.cached and not row.engine.startswith(SKIPPED),
    )
