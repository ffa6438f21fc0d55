"""Prefect as a newsroom uses it: many runs at once while processes die, and what nothing costs.

    python -m benchmarks.load storm [SERVER [RUNS [AT_A_TIME]]]
    python -m benchmarks.load folder [SERVER [FILES]]
    python -m benchmarks.load price [SERVER [JOBS]]
    python -m benchmarks.load idle [SERVER]

storm: a run's process, the workers and the engine are killed with -9. folder: files are dropped at
once beside other work. price: what orchestration adds to a job. idle: what a minute costs.
SERVER: trax (`trax prefect server`), sqlite (`prefect server start`). Everything runs on this
machine, started by the commands of the README. Recordings are cut from the sample that ships.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import refresh_global_settings_context

from benchmarks.machine import conditions
from benchmarks.orchestration import ROOT, cuttings
from benchmarks.report import write_figures
from trax.orchestration.runs import PrefectRuns
from trax.stages.options import TranscribeOptions
from trax.store import Database, JobRepository, JobStatus, TranscriptRepository
from trax.testing.servers import free_ports, kill_family

_OPTIONS = {
    "recognition": {"plan": "fast"},
    "enhancement": {"domain": "general"},
    "formats": ["txt"],
}
_SETTLED = 10.0  # seconds that a server has to write down what tasks told it
_IDLE = 120.0  # seconds over which an idle machine is measured
_WARM = 90.0  # seconds that programs have to come to rest, a first look included


def main() -> None:
    """Run one of them, and write down what it found."""
    what, server = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "trax"
    numbers = [int(each) for each in sys.argv[3:]]
    measure = {"storm": storm, "idle": idle, "price": price, "folder": folder}[what]
    notes = [conditions()]
    with tempfile.TemporaryDirectory(prefix="trax-load-") as place:
        found = {"server": server, **measure(Path(place), server, *numbers)}
    write_figures(f"load-{what}-{server}", found, notes)


class Machine:
    """A server, workers and an engine, as the README starts them."""

    def __init__(self, place: Path, server: str, *serve: str) -> None:
        self.place = place
        (port,) = free_ports(1)
        self.environment = {
            "TRAX_HOME": str(place / "home"),
            "TRAX_OFFLINE": "1",
            "HF_HUB_OFFLINE": "1",
            "PREFECT_HOME": str(place / "prefect"),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }
        os.environ.update(self.environment)
        refresh_global_settings_context()
        trax = [sys.executable, "-m", "trax.cli"]
        prefect = [sys.executable, "-m", "prefect"]
        place.mkdir(exist_ok=True)
        if server == "trax":
            self.server = self._start("server", [*trax, "prefect", "server", "--port", str(port)])
        else:
            self.server = self._start("server", [*prefect, "server", "start"])
        until(lambda: "ready" if self._answers() else None, 180)
        self._run([*trax, "prefect", "setup"])
        self._run([*prefect, "--no-prompt", "deploy", "--all"])
        self.serving = self._start("serve", [*trax, "prefect", "serve", *serve])
        until(self.workers, 120)
        until(self.engine, 120)
        self.database = Database(f"sqlite:///{place / 'home' / 'trax.db'}")

    def watch(self, folder: Path) -> None:
        """Let the deployment watch a folder."""
        self._run([sys.executable, "-m", "trax.cli", "prefect", "setup", "--folder", str(folder)])

    def workers(self) -> psutil.Process | None:
        """The process of the workers."""
        return self._child("prefect work")

    def engine(self) -> psutil.Process | None:
        """The process that holds the models."""
        return self._child("engine serve")

    def run_process(self) -> psutil.Process | None:
        """A process of a run."""
        workers = self.workers()
        fork_server = workers.children()[-1] if workers and workers.children() else None
        return fork_server.children()[0] if fork_server and fork_server.children() else None

    def cpu(self) -> dict[str, float]:
        """Processor seconds so far of each program, with what it started."""
        family = _family(self.serving)
        return {
            "server": sum(map(_seconds, _family(self.server)))
            + sum(map(_seconds, self._postgres())),
            "serving": sum(_seconds(each) for each in family if not _is(each, "trax.cli engine")),
            "engine": sum(_seconds(each) for each in family if _is(each, "trax.cli engine")),
        }

    def log(self, name: str) -> str:
        """What a program printed."""
        return (self.place / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        """End everything."""
        self.database.close()
        for process in (self.serving, self.server):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                kill_family(process)

    def _child(self, words: str) -> psutil.Process | None:
        return next((each for each in _family(self.serving) if _is(each, words)), None)

    def _postgres(self) -> list[psutil.Process]:
        where = str(self.place)
        return [
            each
            for root in psutil.process_iter()
            if _is(root, "postgres -D") and _is(root, where)
            for each in (root, *root.children())
        ]

    def _answers(self) -> bool:
        try:
            with get_client(sync_client=True) as client:
                return client.hello().status_code == 200
        except Exception:  # noqa: BLE001 - it is still starting
            return False

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    def _start(self, name: str, command: list[str]) -> "subprocess.Popen[bytes]":
        with (self.place / f"{name}.log").open("ab") as file:
            return subprocess.Popen(
                command, cwd=ROOT, stdout=file, stderr=file, start_new_session=True
            )


def storm(place: Path, server: str, runs: int = 60, at_a_time: int = 10) -> dict[str, Any]:
    """Many runs at once, while a run's process, the workers and the engine are killed."""
    machine = Machine(place, server, "--runs", str(at_a_time))
    try:
        recordings = cuttings(place / "recordings", runs)
        before, began = machine.cpu(), time.monotonic()
        ids = submit(recordings)
        kills = {
            round(runs * 0.2): ("run", machine.run_process),
            round(runs * 0.4): ("workers", machine.workers),
            round(runs * 0.6): ("engine", machine.engine),
        }
        killed: dict[str, int] = {}
        slowest = 0.0
        while time.monotonic() - began < 900:
            asked = time.monotonic()
            ended = [run for run in read(ids) if run.state and run.state.is_final()]
            slowest = max(slowest, time.monotonic() - asked)
            completed = len(ended)
            for at, (name, find) in kills.items():
                if completed >= at and name not in killed and (process := find()) is not None:
                    process.kill()
                    killed[name] = completed
            if completed == runs and all(run.state and run.state.is_completed() for run in ended):
                break
            time.sleep(2)
        seconds = time.monotonic() - began
        after = machine.cpu()
        time.sleep(_SETTLED)
        return {
            "runs": runs,
            "at_a_time": at_a_time,
            "killed_after": killed,
            "seconds": round(seconds, 1),
            "runs_a_minute": round(60 * runs / seconds, 1),
            **outcome(machine, ids),
            "slowest_question_seconds": round(slowest, 2),
            "database_is_locked": machine.log("server").count("database is locked"),
            "cpu_seconds": {name: round(after[name] - before[name], 1) for name in after},
        }
    finally:
        machine.stop()


def idle(place: Path, server: str) -> dict[str, Any]:
    """What a minute costs in which nothing is to be done but a look into an empty folder."""
    machine = Machine(place, server)
    try:
        (place / "watched").mkdir()
        machine._run(
            [
                sys.executable,
                "-m",
                "trax.cli",
                "prefect",
                "setup",
                "--folder",
                str(place / "watched"),
            ]
        )
        time.sleep(_WARM)
        before = machine.cpu()
        time.sleep(_IDLE)
        after = machine.cpu()
        costs = {name: round((after[name] - before[name]) * 60 / _IDLE, 2) for name in after}
        return {"cpu_seconds_a_minute": costs, "in_all": round(sum(costs.values()), 2)}
    finally:
        machine.stop()


def price(place: Path, server: str, jobs: int = 30) -> dict[str, Any]:
    """What jobs of 8 s of audio cost beside their stages, with a warm engine."""
    machine = Machine(place, server)
    try:
        recordings = cuttings(place / "recordings", jobs + 2, 8.0)
        wait_for(submit(recordings[:2]))
        before, began = machine.cpu(), time.monotonic()
        ids = submit(recordings[2:])
        wait_for(ids)
        seconds, after = time.monotonic() - began, machine.cpu()
        stages = _stage_seconds(machine, ids)
        return {
            "jobs": jobs,
            "jobs_a_minute": round(60 * jobs / seconds, 1),
            "cpu_seconds_a_job": {
                name: round((after[name] - before[name]) / jobs, 2) for name in after
            },
            "stage_seconds_a_job": {name: round(value / jobs, 2) for name, value in stages.items()},
            **outcome(machine, ids),
        }
    finally:
        machine.stop()


def folder(place: Path, server: str, files: int = 12) -> dict[str, Any]:
    """Recordings dropped at once into a watched folder, while half the machine is busy."""
    machine = Machine(place, server)
    watched = place / "watched"
    watched.mkdir()
    machine._run([sys.executable, "-m", "trax.cli", "prefect", "setup", "--folder", str(watched)])
    loads = [
        multiprocessing.Process(target=_spin) for _ in range(max(1, (os.cpu_count() or 2) // 2))
    ]
    try:
        for load in loads:
            load.start()
        for recording in cuttings(place / "recordings", files, 8.0):
            shutil.move(recording, watched / recording.name)
        began = time.monotonic()
        while (
            time.monotonic() - began < 900 and len(list((watched / "done").glob("*.wav"))) < files
        ):
            time.sleep(2)
        seconds = time.monotonic() - began
        with get_client(sync_client=True) as client:
            wanted = FlowRunFilterDeploymentId(
                any_=[client.read_deployment_by_name("transcribe/transcribe").id]
            )
            runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=wanted))
        return {
            "files": files,
            "seconds": round(seconds, 1),
            "done": len(list((watched / "done").glob("*.wav"))),
            "failed": len(list((watched / "failed").glob("*.wav"))),
            **outcome(machine, [str(run.id) for run in runs]),
        }
    finally:
        for load in loads:
            load.kill()
        machine.stop()


def submit(recordings: list[Path]) -> list[str]:
    """A run for each recording."""
    runs, options = PrefectRuns(Path()), TranscribeOptions.model_validate(_OPTIONS)
    return [runs.submit(str(each), options, f"{each.name}-{time.time_ns()}") for each in recordings]


def read(ids: list[str]) -> list[FlowRun]:
    """Runs, as the server knows them."""
    with get_client(sync_client=True) as client:
        return list(client.read_flow_runs(flow_run_filter=_of(ids), limit=200))


def wait_for(ids: list[str], seconds: float = 600.0) -> None:
    """Wait until runs have completed."""
    until(lambda: all(run.state and run.state.is_completed() for run in read(ids)), seconds)


def outcome(machine: Machine, ids: list[str]) -> dict[str, Any]:
    """How runs ended: what was lost, done twice, or called crashed."""
    jobs = JobRepository(machine.database).newest((JobStatus.COMPLETED,), 10_000)
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=_of(ids), limit=200)
        open_tasks = TaskRunFilter(
            state=TaskRunFilterState(
                type=TaskRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
            )
        )
        tasks = client.read_task_runs(flow_run_filter=_of(ids), task_run_filter=open_tasks)
        crashes = sum(_crashes(client, run) for run in runs)
    return {
        "states": dict(Counter(run.state.name for run in runs if run.state)),
        "starts": dict(Counter(run.run_count for run in runs)),
        "crashes": crashes,
        "transcripts": TranscriptRepository(machine.database).count(),
        "job_attempts": dict(Counter(job.attempts for job in jobs)),
        "tasks_left_open": len(tasks),
    }


def until(condition: Callable[[], Any], seconds: float) -> Any:
    """What *condition* returns once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.5)
    return found


def _crashes(client: SyncPrefectClient, run: FlowRun) -> int:
    states = client.read_flow_run_states(run.id)
    return sum(state.is_crashed() for state in states)


def _of(ids: list[str]) -> FlowRunFilter:
    return FlowRunFilter.model_validate({"id": {"any_": ids}})


def _stage_seconds(machine: Machine, ids: list[str]) -> dict[str, float]:
    jobs = JobRepository(machine.database)
    seconds: dict[str, float] = {}
    for job in jobs.of_runs(ids).values():
        for run in jobs.stage_runs(job.id):
            seconds[run.stage] = seconds.get(run.stage, 0.0) + run.seconds
    return seconds


def _family(process: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    try:
        root = psutil.Process(process.pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _is(process: psutil.Process, words: str) -> bool:
    try:
        return words in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _seconds(process: psutil.Process) -> float:
    """Processor seconds of a process, and of its children that have ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _spin() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
