"""The README's commands, as they stand there: server, set-up, deployments, workers and engine, a
run.
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import zlib
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import soundfile
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType

from trax.host import EngineClient
from trax.settings import Settings
from trax.store import Database, JobRepository, TranscriptRepository
from trax.testing.servers import PrefectServer, kill_family
from trax.testing.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
LASTING = ("trax prefect server", "trax prefect serve")

pytestmark = [pytest.mark.prefect, pytest.mark.real]


def commands() -> list[str]:
    """The commands under "On Prefect", without comments."""
    section = (ROOT / "README.md").read_text().split("## On Prefect")[1]
    lines = section.split("```")[1].strip().splitlines()
    return [line.split("  #")[0].strip() for line in lines]


@pytest.fixture(scope="module")
def stack(tmp_path_factory, models_folder):
    """The commands, run in their order, but for the last one; with the server on a port of its
    own.
    """
    folder = tmp_path_factory.mktemp("s")
    server = PrefectServer(folder / "prefect")
    environment = {
        "TRAX_HOME": str(folder / "t"),
        "TRAX_MODELS_DIR": str(models_folder),
        "TRAX_OFFLINE": "1",
        "HF_HUB_OFFLINE": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
    }
    lasting = []
    try:
        for command in commands()[1:-1]:
            if command.startswith("export"):
                continue
            words = shlex.split(command)
            program = ("trax.cli", *words[1:]) if words[0] == "trax" else tuple(words)
            started = server.start(*program, environment=environment, cwd=ROOT, log=folder / "log")
            if command.startswith(LASTING):
                lasting.append(started)
            else:
                assert started.wait(180) == 0, (folder / "log").read_text()
        yield server, os.environ | server.environment | environment, folder
    finally:
        for each in lasting:
            kill_family(each)
        server.stop()


def engine(folder):
    home = folder / "t"
    return EngineClient(home / "engines", Settings(home=home).store_identity).statuses()


def run(environment, folder, recording, **parameters):
    """The README's last command, for another recording."""
    words = [*shlex.split(commands()[-1])[:-1], f"recording={recording}"]
    more = [
        word for name, value in parameters.items() for word in ("-p", f"{name}={json.dumps(value)}")
    ]
    return subprocess.run(
        [*words, *more],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def different(path):
    """The sample, cut so that nobody has heard it yet: no stage of it is kept."""
    skipped = zlib.crc32(path.name.encode()) % 16_000
    samples, rate = soundfile.read(ROOT / "samples" / "conversation.flac", start=skipped)
    soundfile.write(path, samples, rate)
    return path


def submitted(environment, recording):
    """A run of a recording; its id."""
    words = shlex.split(commands()[-1])[:-1]
    words.remove("--watch")
    parameters = [f"recording={recording}", "-p", 'options={"recognition": {"plan": "fast"}}']
    done = subprocess.run(
        [*words, *parameters],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return re.search(r"UUID: (\S+)", done.stdout)[1]


def run_process(folder, run_id):
    """The process that holds a run's lock."""
    locks = list((folder / "t" / "runs").glob(f"*/{run_id}"))
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            if locks and any(file.path == str(locks[0]) for file in each.open_files()):
                return each
    return None


def workers(folder):
    """The process of the workers."""
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            if "work" in each.cmdline() and each.environ().get("TRAX_HOME") == str(folder / "t"):
                return each
    return None


def ended(server, run_id):
    """The states of a run that has completed."""

    async def history():
        async with PrefectClient(f"{server.url}/api") as client:
            return await client.read_flow_run_states(run_id)

    states = asyncio.run(history())
    return states if states and states[-1].is_completed() else None


async def open_tasks(server, run_id):
    """Tasks of a run that have not ended, some seconds after it has."""
    await asyncio.sleep(5)
    async with PrefectClient(f"{server.url}/api") as client:
        tasks = await client.read_task_runs(
            flow_run_filter=FlowRunFilter.model_validate({"id": {"any_": [run_id]}})
        )
    return [task.name for task in tasks if not task.state.is_final()]


class TestReadme:
    def test_there_are_five_commands(self):
        """And one line that says where the server is."""
        assert len([command for command in commands() if not command.startswith("export")]) == 5

    def test_the_log_says_what_was_started(self, stack):
        """Workers of both pools, and the engine."""
        _server, _environment, folder = stack
        wait_until(lambda: engine(folder))
        log = (folder / "log").read_text()
        assert "pools gpu" in log
        assert "engine: process" in log

    def test_a_recording_is_transcribed_and_the_next_finds_models_loaded(self, stack, tmp_path):
        """The engine counts what it loads: nothing, for the second job; its stages begin at
        once.
        """
        _server, environment, folder = stack
        wait_until(lambda: engine(folder))
        first = shutil.copy(ROOT / "samples" / "conversation.flac", tmp_path / "talk.flac")
        options = {"recognition": {"plan": "fast"}, "formats": ["txt"]}
        done = run(environment, folder, first, options=options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Completed" in done.stdout
        (before,) = engine(folder)
        assert before.finished == {"recognise": 1, "diarize": 1}
        second = tmp_path / "again.wav"
        subprocess.run(["cp", first, second], check=True)
        with second.open("ab") as file:
            file.write(b"another content")
        assert run(environment, folder, second, options=options).returncode == 0
        (after,) = engine(folder)
        assert after.finished == {"recognise": 2, "diarize": 2}
        assert after.loads == before.loads
        assert before.loads
        database = Database(f"sqlite:///{folder / 't' / 'trax.db'}")
        assert len(TranscriptRepository(database).get("latest").words) > 100
        database.close()

    def test_cancelling_a_run_stops_its_work_in_the_engine(self, stack, tmp_path):
        """Its seats are free again."""
        server, environment, folder = stack
        long = tmp_path / "long.flac"
        shutil.copy(ROOT / "samples" / "conversation.flac", long)
        with long.open("ab") as file:
            file.write(b"to be cancelled")
        options = {"recognition": {"plan": "accurate"}}
        words = shlex.split(commands()[-1])[:-1]
        words.remove("--watch")
        parameters = [f"recording={long}", "-p", f"options={json.dumps(options)}"]
        subprocess.run(
            [*words, *parameters], env=environment, check=True, capture_output=True, timeout=60
        )
        wait_until(
            lambda: any("recognise" in name for status in engine(folder) for name in status.running)
        )

        async def cancel():
            from prefect.states import Cancelling

            async with PrefectClient(f"{server.url}/api") as client:
                running = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
                (found,) = await client.read_flow_runs(flow_run_filter=FlowRunFilter(state=running))
                await client.set_flow_run_state(found.id, Cancelling())
                return found.id

        run_id = asyncio.run(cancel())
        wait_until(lambda: all(status.running == () for status in engine(folder)))

        async def state():
            async with PrefectClient(f"{server.url}/api") as client:
                return (await client.read_flow_run(run_id)).state.name

        wait_until(lambda: asyncio.run(state()) == "Cancelled")
        database = Database(f"sqlite:///{folder / 't' / 'trax.db'}")
        assert not [
            job
            for job in JobRepository(database).newest()
            if job.status == "completed" and "long" in job.name
        ]
        database.close()

    def test_a_run_whose_process_is_killed_starts_once_more(self, stack, tmp_path):
        """By the worker that saw it die; its tasks end with it, the history shows one crash."""
        server, environment, folder = stack
        talk = different(tmp_path / "killed.flac")
        run_id = submitted(environment, talk)
        process = wait_until(lambda: run_process(folder, run_id))
        wait_until(lambda: any(status.running for status in engine(folder)))
        process.kill()
        history = wait_until(lambda: ended(server, run_id))
        assert [state.name for state in history].count("Crashed") == 1
        assert history[-1].name in ("Completed", "Cached")
        assert asyncio.run(open_tasks(server, run_id)) == []

    def test_runs_outlive_their_worker(self, stack, tmp_path):
        """It is killed and started again; the run's process goes on, and nobody starts it twice."""
        server, environment, folder = stack
        talk = different(tmp_path / "survivor.flac")
        run_id = submitted(environment, talk)
        wait_until(lambda: run_process(folder, run_id))
        workers(folder).kill()
        history = wait_until(lambda: ended(server, run_id))
        assert [state.type for state in history].count(StateType.RUNNING) == 1
        assert history[-1].is_completed()
        wait_until(lambda: workers(folder))

    def test_schedules_are_filled(self, stack):
        """By the server's own scheduler: with SQLAlchemy 2.1 it fails, and says so in its log
        alone.
        """
        server, _environment, _folder = stack

        async def scheduled():
            async with PrefectClient(f"{server.url}/api") as client:
                found = await client.read_flow_runs(
                    flow_run_filter=FlowRunFilter(
                        state=FlowRunFilterState(
                            type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])
                        )
                    )
                )
                deployments = {each.id: each.name for each in await client.read_deployments()}
                return {
                    deployments[run.deployment_id]
                    for run in found
                    if run.deployment_id in deployments
                }

        wait_until(
            lambda: {"retention", "report", "transcribe-folder"} <= asyncio.run(scheduled()), 120
        )
