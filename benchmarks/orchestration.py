"""Prefect as its users use it: many queued jobs while a worker dies, and what a warm engine is
worth.

    python -m benchmarks.orchestration queue [JOBS [MINUTES]]    1,000 tiny jobs, Postgres, two
    workers, three kill -9 python -m benchmarks.orchestration warm [FILES]              20 short
    files, with a warm engine and without

Everything runs on this machine: server, Postgres, workers, engine. Recordings are cut from the
sample that ships.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from benchmarks.machine import conditions
from benchmarks.report import write_figures
from trax.orchestration.runs import PrefectRuns
from trax.stages.options import TranscribeOptions
from trax.store import Database, JobRepository, JobStatus, TranscriptRepository
from trax.testing.servers import PostgresServer, PrefectServer, kill_family

_NOTES = [
    "Recordings are cuttings of samples/conversation.flac, each with another content; plan "
    "fast, packaged models.",
]
ROOT = Path(__file__).resolve().parents[1]
_SLOTS = 3  # flow runs at a time in a worker
_KILLED_AT = (0.1, 0.3, 0.5)  # of the jobs that are done


def main() -> None:
    """Run one of the two."""
    what, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    minutes = float(sys.argv[3]) if len(sys.argv) > 3 else 150.0
    notes = [conditions(), *_NOTES]
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        if what in ("engine", "no-engine"):
            sys.stdout.write(json.dumps(one_side(Path(folder), what, count)) + "\n")
            return
        found = (
            queue(Path(folder), count or 1000, minutes) if what == "queue" else warm(count or 20)
        )
    write_figures(f"orchestration-{what}", found, notes)


def queue(folder: Path, jobs: int, minutes: float) -> dict[str, Any]:
    """Many jobs, two workers of which one is killed three times; after so many *minutes* it ends
    all the same.
    """
    postgres = PostgresServer(folder / "postgres")
    database_url = postgres.new_database()
    server = PrefectServer(folder / "prefect", postgres.new_database())
    stack = _Stack(folder, server, {"TRAX_DATABASE_URL": database_url})
    try:
        stack.set_up()
        engine = stack.engine()
        recordings = cuttings(folder / "recordings", jobs)
        began, submitted = time.monotonic(), stack.submit(recordings)
        steady, killed = stack.worker("steady"), stack.worker("killed")
        database = Database(database_url)
        kills: list[int] = []
        memory = Memory(server.process)
        while (done := _completed(database)) < jobs and time.monotonic() - began < 60 * minutes:
            if len(kills) < len(_KILLED_AT) and done >= jobs * _KILLED_AT[len(kills)]:
                kill_family(killed)
                kills.append(done)
                killed = stack.worker("killed")
            memory.look()
            print(f"{time.monotonic() - began:7.0f} s  {done} of {jobs}", flush=True)
            time.sleep(5)
        seconds = time.monotonic() - began
        stack.wait_for_runs(180 if done == jobs else 0)
        found = JobRepository(database).newest((), 10 * jobs)
        result = {
            "jobs": jobs,
            "submitting_seconds": round(submitted, 1),
            "workers": 2,
            "runs_at_a_time": 2 * _SLOTS,
            "killed_after_jobs": kills,
            "seconds": round(seconds, 1),
            "jobs_per_minute": round(60 * done / seconds, 1),
            "transcripts": TranscriptRepository(database).count(),
            "transcripts_expected": jobs,
            "versions": _versions(database),
            "jobs_completed": sum(job.status is JobStatus.COMPLETED for job in found),
            "jobs_with_more_attempts": sum(job.attempts > 1 for job in found),
            "flow_runs": stack.runs_by_state(),
            "server_memory_mb": {"first": memory.first, "most": memory.most, "last": memory.last},
            "server_cpu_seconds": round(_cpu(server.process), 1),
            "engine_cpu_seconds": round(_cpu(engine), 1),
        }
        kill_family(steady)
        kill_family(killed)
        database.close()
        return result
    finally:
        stack.stop()
        server.stop()
        postgres.stop()


def warm(count: int) -> dict[str, Any]:
    """Short files one after another: a worker beside an engine, and one whose runs load models."""
    found: dict[str, Any] = {"files": count}
    for name in ("engine", "no-engine"):  # a process each: Prefect's client remembers its server
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.orchestration", name, str(count)],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        found[name] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_side(folder: Path, name: str, count: int) -> dict[str, Any]:
    """What *count* files cost with an engine, or without."""
    server = PrefectServer(folder / "prefect")
    stack = _Stack(folder, server, {})
    try:
        stack.set_up()
        if name == "engine":
            stack.engine()
        stack.worker("worker", 1)
        database = Database(f"sqlite:///{folder / 'home' / 'trax.db'}")
        recordings = cuttings(folder / "recordings", count + 1, 8.0)
        stack.submit(recordings[:1])  # models are joined, caches of Python are written
        _until(lambda: _completed(database) == 1)
        before, began, loads = stack.cpu(), time.monotonic(), stack.loads()
        stack.submit(recordings[1:])
        _until(lambda: _completed(database) == count + 1)
        seconds = time.monotonic() - began
        jobs = JobRepository(database)
        stages = [jobs.stage_runs(job.id) for job in jobs.newest((), 1000)[:-1]]
        recognised = [run.seconds for runs in stages for run in runs if run.stage == "recognise"]
        return {
            "seconds_a_job": round(seconds / count, 2),
            "cpu_seconds_a_job": round((stack.cpu() - before) / count, 2),
            "recognise_seconds_median": round(float(np.median(recognised)), 2),
            "model_loads_before": loads,
            "model_loads_after": stack.loads(),
        }
    finally:
        stack.stop()
        server.stop()


class Memory:
    """Resident memory of a process and its children, in MB."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = psutil.Process(process.pid)
        self.first = self.last = self.most = self._now()

    def look(self) -> None:
        """Look once."""
        self.last = self._now()
        self.most = max(self.most, self.last)

    def _now(self) -> int:
        family = [self._process, *self._process.children(recursive=True)]
        return int(sum(each.memory_info().rss for each in family) / 1e6)


class _Stack:
    """Workers and an engine beside a server."""

    def __init__(self, folder: Path, server: PrefectServer, environment: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._server = folder, server
        self._environment = {
            "TRAX_HOME": str(folder / "home"),
            "TRAX_OFFLINE": "1",
            "HF_HUB_OFFLINE": "1",
            "PREFECT_LOGGING_LEVEL": "WARNING",
            **environment,
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        os.environ.update(server.environment)

    def set_up(self) -> None:
        """What a user does once."""
        self._run("trax.cli", "db", "upgrade")
        self._run("trax.cli", "prefect", "setup")
        self._run("prefect", "--no-prompt", "deploy", "-n", "transcribe")

    def engine(self) -> "subprocess.Popen[bytes]":
        """A warm engine, once it answers."""
        made = self._start("engine", "trax.cli", "engine", "run")
        _until(lambda: bool(self.loads() is not None))
        return made

    def worker(self, name: str, limit: int = _SLOTS) -> "subprocess.Popen[bytes]":
        """Workers of the machine, under a name of their own."""
        options = ["--runs", str(limit), "--name", name]
        return self._start(name, "trax.cli", "prefect", "work", *options)

    def submit(self, recordings: list[Path]) -> float:
        """Queue a run a recording; gives how long that took."""
        began, runs = time.monotonic(), PrefectRuns(self._folder)
        chosen = {
            "recognition": {"plan": "fast"},
            "enhancement": {"domain": "general"},
            "formats": ["txt"],
        }
        options = TranscribeOptions.model_validate(chosen)
        for recording in recordings:
            runs.submit(str(recording), options, recording.name)
        return time.monotonic() - began

    def wait_for_runs(self, seconds: float) -> None:
        """Until every flow run has ended: a job is done a moment before its run."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and set(self.runs_by_state()) - {
            "COMPLETED",
            "FAILED",
            "CRASHED",
        }:
            time.sleep(2)

    def runs_by_state(self) -> dict[str, int]:
        """How many flow runs are in each state."""
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.filters import (
            FlowRunFilter,
            FlowRunFilterState,
            FlowRunFilterStateType,
        )
        from prefect.client.schemas.objects import StateType

        found = {}
        with get_client(sync_client=True) as client:
            for state in StateType:
                wanted = FlowRunFilter(
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[state]))
                )
                body = {"flow_runs": wanted.model_dump(mode="json", exclude_unset=True)}
                if count := client._client.post("/flow_runs/count", json=body).json():
                    found[state.value] = count
        return found

    def loads(self) -> dict[str, int] | None:
        """How often the engine loaded each model; ``None`` where no engine answers."""
        from trax.host import EngineClient

        found = EngineClient(self._folder / "home" / "engines", "").statuses()
        return found[0].loads if found else None

    def cpu(self) -> float:
        """Processor seconds of workers, their runs that have ended, and the engine."""
        return sum(_cpu(process) for process in self._processes)

    def stop(self) -> None:
        """Kill everything."""
        for process in self._processes:
            kill_family(process)

    def _run(self, *command: str) -> None:
        environment = os.environ | self._server.environment | self._environment
        subprocess.run(
            [sys.executable, "-m", *command],
            env=environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
        )

    def _start(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        made = self._server.start(
            *command, environment=self._environment, cwd=ROOT, log=self._folder / f"{name}.log"
        )
        self._processes.append(made)
        return made


def cuttings(folder: Path, count: int, seconds: float = 1.2) -> list[Path]:
    """Pieces of the sample, each with another beginning and so another content."""
    folder.mkdir(parents=True)
    samples, rate = soundfile.read(ROOT / "samples" / "conversation.flac", dtype="float32")
    starts = np.linspace(0, len(samples) - seconds * rate - 1, count).astype(int)
    made = []
    for at, start in enumerate(starts):
        path = folder / f"{at:04d}.wav"
        soundfile.write(path, samples[start : start + round(seconds * rate)], rate)
        made.append(path)
    return made


def _completed(database: Database) -> int:
    return len(JobRepository(database).newest((JobStatus.COMPLETED,), 100_000))


def _versions(database: Database) -> int:
    """Rows of transcripts: more than transcripts where one was written twice."""
    with database.reading() as session:
        from sqlalchemy import func, select

        from trax.store.tables import TranscriptRow

        return int(session.scalar(select(func.count()).select_from(TranscriptRow)) or 0)


def _cpu(process: "subprocess.Popen[bytes]") -> float:
    """Processor seconds of a process, its children, and those of its children that have ended."""
    try:
        family = [
            psutil.Process(process.pid),
            *psutil.Process(process.pid).children(recursive=True),
        ]
        times = [each.cpu_times() for each in family]
    except psutil.NoSuchProcess:
        return 0.0
    return float(
        sum(each.user + each.system + each.children_user + each.children_system for each in times)
    )


def _until(condition: Callable[[], bool], seconds: float = 900.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.2)


if __name__ == "__main__":
    main()
