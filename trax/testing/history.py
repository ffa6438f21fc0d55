"""Weeks of work as an installation might have done it: its figures are known."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from trax.store import Database
from trax.store.tables import JobRow, RecordingRow, StageRunRow

_AUDIO = 1800.0  # seconds of each recording
_STAGES = (("recognise", 0.15), ("diarize", 0.04), ("merge", 0.001))  # seconds a second of audio
_ENGINES = {
    "recognise": "faster-whisper-1.2/ctranslate2-4.6/small.en@5f2b/cpu-int8+passes-3.1a@2b",
    "diarize": "trax-diarization-3/pyannote.audio-4.0/packaged@3/cpu",
}
_FULL: dict[str, object] = {
    "stage": "recognise",
    "error": "No space left on device",
    "causes": ["OSError: No space left on device"],
    "where": "trax/store/objects.py:88 in put",
}


def plant(database: Database, days: int, until: date | None = None) -> None:
    """Add a recording of half an hour for each of *days* and one more on every other day; every
    fifth day one more fails for want of space. Work takes a quarter of the audio's length.
    """
    last = until or datetime.now(UTC).date()
    with database.writing() as session:
        for back in range(days):
            day = last - timedelta(days=back)
            for number in range(1 + back % 2):
                _add(session, day, f"{back:032x}{number:032x}", None)
            if back % 5 == 4:
                _add(session, day, f"{back:032x}{9:032x}", _FULL)


def _add(session: Session, day: date, key: str, error: dict[str, object] | None) -> None:
    began = datetime(day.year, day.month, day.day, tzinfo=UTC)
    name = f"{day:%d}-{key[-1]}.wav"
    job = f"{day:%y%m%d}{key[-6:]}"
    session.execute(
        insert(RecordingRow).values(
            sha256=key, name=name, size_bytes=57_600_000, duration=_AUDIO, created_at=began
        )
    )
    session.execute(
        insert(JobRow).values(
            id=job,
            idempotency_key=key,
            pipeline="transcribe",
            recording_sha256=key,
            name=name,
            source="",
            options={"recognition": {"plan": "balanced"}, "diarization": {"plan": "balanced"}},
            status="failed" if error else "completed",
            attempts=1,
            owner="here/1/a",
            error=error,
            created_at=began,
            started_at=began + timedelta(seconds=10 + day.day),
            finished_at=began + timedelta(seconds=10 + day.day + _AUDIO / 4),
        )
    )
    for stage, pace in () if error else _STAGES:
        session.execute(
            insert(StageRunRow).values(
                job_id=job,
                attempt=1,
                stage=stage,
                key="",
                started_at=began,
                seconds=pace * _AUDIO,
                cached=False,
                retries=0,
                audio_seconds=_AUDIO,
                peak_memory_bytes=2_400_000_000,
                peak_device_memory_bytes=0,
                engine=_ENGINES.get(stage, ""),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Jobs that were all queued at once, and how a machine worked on them.

    Attributes:
        slots: jobs at once.
        seats: stages at once.
        seconds: of the stage of each.
        processors: that it keeps busy.
        is_queued: whether they waited from the beginning; else none waited.
    """

    began: datetime
    jobs: int = 40
    slots: int = 2
    seats: int = 2
    seconds: float = 60.0
    processors: float = 1.0
    plan: str = "balanced"
    device: str = "cpu"
    memory_bytes: int = 1_000_000_000
    is_queued: bool = True
    machine: str = "here"


def plant_shift(database: Database, shift: Shift) -> datetime:
    """Add the jobs of a shift, of half an hour of audio each; gives when the last was done."""
    length = timedelta(seconds=shift.seconds * max(shift.slots / shift.seats, 1.0))
    end = shift.began
    with database.writing() as session:
        for number in range(shift.jobs):
            row, slot = divmod(number, shift.slots)
            start = shift.began + row * length
            end = start + length
            runs_at = start + timedelta(seconds=slot // shift.seats * shift.seconds)
            _add_shift_job(session, shift, number, (start, runs_at, end))
    return end


def _add_shift_job(
    session: Session, shift: Shift, number: int, times: tuple[datetime, datetime, datetime]
) -> None:
    start, runs_at, end = times
    key = f"{shift.began:%y%m%d%H%M%S}{number:052}"
    session.execute(
        insert(RecordingRow).values(sha256=key, name="a.wav", size_bytes=1, duration=_AUDIO)
    )
    session.execute(
        insert(JobRow).values(
            id=key,
            idempotency_key=key,
            pipeline="transcribe",
            recording_sha256=key,
            name="a.wav",
            source="",
            options={"recognition": {"plan": shift.plan}},
            status="completed",
            attempts=1,
            owner=f"{shift.machine}/1/a",
            created_at=shift.began if shift.is_queued else start,
            started_at=start,
            finished_at=end,
        )
    )
    session.execute(
        insert(StageRunRow).values(
            job_id=key,
            attempt=1,
            stage="recognise",
            key="",
            started_at=runs_at,
            seconds=shift.seconds,
            cached=False,
            retries=0,
            audio_seconds=_AUDIO,
            peak_memory_bytes=shift.memory_bytes,
            peak_device_memory_bytes=0 if shift.device == "cpu" else 1,
            processor_seconds=shift.processors * shift.seconds,
            engine="x",
        )
    )
