"""How fast questions are answered. ``python -m benchmarks.analytics [JOBS]``.

A database of each kind is filled with JOBS (100,000) made-up jobs of ninety days, ten stage runs a
job; then every question is asked about all of them, and about the last week.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.report import Row, write
from trax.service.analytics.answers import Analytics
from trax.service.analytics.period import Period
from trax.service.analytics.report import markdown, report
from trax.service.analytics.settling import settle_days
from trax.settings import Settings
from trax.store import Database
from trax.store.tables import JobRow, RecordingRow, SpendingRow, StageRunRow
from trax.testing.servers import PostgresServer

_DAYS = 90
_AT_ONCE = 1000
_TIMES = 7
_STAGES = (
    *("ingest", "recognise", "diarize", "enhance", "merge", "annotate", "publish"),
    *("separate", "synthesise", "reconstruct"),
)
_FAILED = {
    "stage": "recognise",
    "error": "the model failed",
    "causes": ["EngineError: the model failed", "MemoryError: 3 GiB"],
    "where": "trax/asr/whisper.py:100 in read",
}


def main(jobs: int) -> None:
    """Measure both databases and write the results."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        rows.extend(_measured("SQLite", f"sqlite:///{folder}/trax.db", jobs))
    with tempfile.TemporaryDirectory(prefix="trax-postgres-") as folder:
        server = PostgresServer(Path(folder) / "data")
        try:
            rows.extend(_measured("Postgres", server.new_database(), jobs))
        finally:
            server.close()
    notes = [
        f"{jobs} jobs and {jobs * len(_STAGES)} stage runs of {_DAYS} days, 3 % of the jobs "
        "failed. Days but the last two are added up before, which took the seconds that are told; "
        "a service does so once a day.",
        f"ms: median and the longest of {_TIMES} times, as the clock has them on this machine; "
        "CPU ms are this process's own.",
    ]
    write("analytics", rows, notes)


def _measured(kind: str, url: str, jobs: int) -> Iterator[Row]:
    database = Database(url)
    if database.kind != "sqlite":
        database.upgrade()
    _fill(database, jobs)
    analytics = Analytics(database, Settings())
    began = time.process_time()
    kept = settle_days(database)
    yield {
        "database": kind,
        "question": f"add up {kept} days",
        "CPU s": time.process_time() - began,
    }
    for name, question in _questions(analytics).items():
        for period in (Period.last(_DAYS), Period.last(7)):
            yield {
                "database": kind,
                "question": name,
                "days": period.days,
                **_times(question, period),
            }
    database.close()


def _questions(analytics: Analytics) -> dict[str, Callable[[Period], object]]:
    return {
        "stages": analytics.stages,
        "stages by day": lambda period: analytics.stages(period, ("day", "stage")),
        "stages by model": lambda period: analytics.stages(period, ("stage", "model")),
        "jobs": analytics.jobs,
        "jobs by day": lambda period: analytics.jobs(period, ("day", "status")),
        "failures": analytics.failures,
        "accuracy": analytics.accuracy,
        "costs": analytics.costs,
        "targets": analytics.targets,
        "the whole report": lambda period: markdown(report(analytics, period)),
    }


def _times(question: Callable[[Period], object], period: Period) -> Row:
    walls, cpus = [], []
    for _ in range(_TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        question(period)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return {
        "ms": statistics.median(walls),
        "longest ms": max(walls),
        "CPU ms": statistics.median(cpus),
    }


def _fill(database: Database, jobs: int) -> None:
    chance = random.Random(1)
    now = datetime.now(UTC)
    for first in range(0, jobs, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, jobs))
        made = [
            _job(number, now - timedelta(days=_DAYS * (1 - number / jobs)), chance)
            for number in numbers
        ]
        recordings = [recording for recording, _job_row, _runs in made]
        rows = [row for _recording, row, _runs in made]
        runs = [run for _recording, _job_row, each in made for run in each]
        with database.writing() as session:
            session.execute(insert(RecordingRow), recordings)
            session.execute(insert(JobRow), rows)
            session.execute(insert(StageRunRow), runs)
            session.execute(insert(SpendingRow), [_spending(row) for row in rows])


def _job(
    number: int, at: datetime, chance: random.Random
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    key = f"{number:064x}"
    duration = chance.lognormvariate(6, 1)
    fails = chance.random() < 0.03
    began = at + timedelta(seconds=60 * chance.random())
    recording = {
        "sha256": key,
        "name": f"{number}.mp3",
        "size_bytes": 1000,
        "duration": duration,
        "created_at": at,
    }
    plans = {"recognition": {"plan": chance.choice(["fast", "balanced"])}}
    job = {
        "id": key[-12:],
        "idempotency_key": key,
        "pipeline": "transcribe",
        "recording_sha256": key,
        "name": f"{number}.mp3",
        "source": "",
        "options": {**plans, "diarization": {"plan": "accurate"}, "more": "x" * 300},
        "status": "failed" if fails else "completed",
        "error": _FAILED if fails else None,
        "attempts": 1,
        "owner": f"machine-{number % 2}/1/a",
        "created_at": at,
        "started_at": began,
        "finished_at": began + timedelta(seconds=duration / 5),
    }
    return recording, job, [_run(key[-12:], stage, began, duration, chance) for stage in _STAGES]


def _run(
    job_id: str, stage: str, at: datetime, duration: float, chance: random.Random
) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "attempt": 1,
        "stage": stage,
        "key": "",
        "started_at": at,
        "seconds": duration * chance.uniform(0.02, 0.1),
        "cached": chance.random() < 0.1,
        "retries": 0,
        "audio_seconds": duration,
        "peak_memory_bytes": 2_000_000_000,
        "peak_device_memory_bytes": 0,
        "engine": "made up",
    }


def _spending(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": job["created_at"],
        "job_id": job["id"],
        "task": "correct",
        "model": "made-up",
        "prompt_tokens": 1000,
        "cached_tokens": 0,
        "completion_tokens": 100,
        "cost": 0.001,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
