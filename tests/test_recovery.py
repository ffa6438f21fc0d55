"""Runs whose process is gone: found by how things stand, on a real Prefect server."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelling, Completed, Crashed, Pending, Running

from trax.orchestration import recovery
from trax.orchestration.recovery import MOST_STARTS, RESUMES, restart, sweep
from trax.store import JobRepository, JobStatus

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


@flow(name="waits")
def waits() -> None:
    """Nothing."""


def asked(question):
    """What the server answers to a coroutine of its client."""

    async def ask():
        async with get_client() as client:
            return await question(client)

    return asyncio.run(ask())


@pytest.fixture
def run():
    """Makes a run of a deployment, in a state."""

    def make(*states, tags=("trax", RESUMES)):
        async def create(client):
            flow_id = await client.create_flow(waits)
            deployment = await client.create_deployment(flow_id, f"d-{uuid.uuid4().hex[:8]}")
            made = await client.create_flow_run_from_deployment(deployment, tags=list(tags))
            for state in states:
                await client.set_flow_run_state(made.id, state, force=True)
            return await client.read_flow_run(made.id)

        return asked(create)

    yield make
    asked(delete_all)


async def delete_all(client):
    for each in await client.read_flow_runs():
        await client.delete_flow_run(each.id)


def state_of(run):
    return asked(lambda client: client.read_flow_run(run.id)).state


def swept(held=None, jobs=None):
    """What a look finds, on a machine that knows *held* of every run."""
    return asked(lambda client: sweep(client, lambda _ids: jobs or {}, lambda _run: held))


def job_of(run, workspace, recording, status):
    """A job as the run has left it."""
    from trax.pipelines.transcribe import identify
    from trax.stages.options import TranscribeOptions

    job = identify(workspace, recording, TranscribeOptions())
    jobs = JobRepository(workspace.database)
    jobs.claim(job.request, "elsewhere/1/a", str(run.id))
    record = jobs.of_runs([str(run.id)])[str(run.id)]
    return {str(run.id): replace(record, status=status)}


class TestRestart:
    def test_a_dead_run_crashes_once_and_starts_again(self, run):
        """One crash, one new start; the history shows both."""
        dead = run(Pending(), Running())
        assert asked(lambda c: restart(c, dead, "Its process is gone.")) == "started again"
        states = asked(lambda c: c.read_flow_run_states(dead.id))
        assert [state.name for state in states][-2:] == ["Crashed", "AwaitingRetry"]
        assert sum(state.is_crashed() for state in states) == 1
        assert state_of(dead).type is StateType.SCHEDULED

    def test_a_run_that_ended_meanwhile_is_left_alone(self, run):
        """Between the look and the restart."""
        ended = run(Pending(), Running())
        asked(lambda c: c.set_flow_run_state(ended.id, Completed()))
        assert asked(lambda c: restart(c, ended, "Its process is gone.")) == ""
        assert state_of(ended).is_completed()

    def test_a_run_that_was_being_cancelled_is_cancelled(self, run):
        """Nobody wants it any more."""
        unwanted = run(Pending(), Running(), Cancelling())
        assert asked(lambda c: restart(c, unwanted, "Its process is gone.")) == "cancelled"
        assert state_of(unwanted).is_cancelled()

    def test_other_flows_are_not_started_again(self, run):
        """A look or a report comes again by its schedule."""
        look = run(Pending(), Running(), tags=("trax",))
        assert asked(lambda c: restart(c, look, "Its process is gone.")) == "crashed"
        assert state_of(look).is_crashed()

    def test_a_run_that_takes_its_process_down_ends(self, run):
        """After so many starts."""
        starts = [each for _ in range(MOST_STARTS) for each in (Pending(), Running())]
        dead = run(*starts)
        assert dead.run_count == MOST_STARTS
        assert asked(lambda c: restart(c, dead, "Its process is gone.")) == "crashed"

    def test_tasks_of_a_dead_process_end_with_it(self, run):
        """None stays Running for ever."""
        from prefect import task

        @task
        def never() -> None:
            """Nothing."""

        dead = run(Pending(), Running())

        async def begun(client):
            made = await client.create_task_run(never, dead.id, dynamic_key="0", state=Running())
            await restart(client, dead, "Its process is gone.")
            return await client.read_task_run(made.id)

        assert asked(begun).state.is_crashed()


class TestSweep:
    @pytest.mark.parametrize("states", [[Pending()], [Pending(), Running()]])
    def test_a_run_with_a_process_is_alive(self, run, states, monkeypatch):
        """Starting or running, however long it takes, and though its worker is gone."""
        alive = run(*states)
        asked(lambda c: c.update_flow_run_labels(alive.id, {"prefect.worker.name": "gone-gpu"}))
        monkeypatch.setattr(recovery, "_SILENT", timedelta(0))
        assert swept(held=True) == []

    @pytest.mark.parametrize("states", [[Pending()], [Pending(), Running()]])
    def test_a_run_without_a_process_starts_again(self, run, states):
        """Killed, or taken by a worker that was killed."""
        dead = run(*states)
        (line,) = swept(held=False)
        assert "started again" in line
        assert state_of(dead).type is StateType.SCHEDULED

    def test_of_another_machine_nothing_is_known_at_first(self, run):
        """Its worker may only be slow."""
        run(Pending(), Running())
        assert swept(held=None) == []

    def test_a_run_whose_worker_is_long_gone_starts_again(self, run, monkeypatch):
        """With its machine."""
        dead = run(Pending(), Running())
        asked(lambda c: c.update_flow_run_labels(dead.id, {"prefect.worker.name": "gone-gpu"}))
        assert swept(held=None) == []
        monkeypatch.setattr(recovery, "_SILENT", timedelta(0))
        (line,) = swept(held=None)
        assert "gone-gpu" in line

    def test_a_job_that_is_alive_proves_its_run_to_be(self, run, workspace, recording, monkeypatch):
        """Its worker was killed, its process lives on."""
        alive = run(Pending(), Running())
        asked(lambda c: c.update_flow_run_labels(alive.id, {"prefect.worker.name": "gone-gpu"}))
        monkeypatch.setattr(recovery, "_SILENT", timedelta(0))
        jobs = job_of(alive, workspace, recording, JobStatus.RUNNING)
        assert swept(held=None, jobs=jobs) == []
        lost = job_of(alive, workspace, recording, JobStatus.LOST)
        assert len(swept(held=None, jobs=lost)) == 1

    def test_a_crash_that_others_reported_starts_again(self, run):
        """By a worker of a process pool, say."""
        crashed = run(Pending(), Running(), Crashed())
        assert len(swept()) == 1
        assert state_of(crashed).type is StateType.SCHEDULED
        assert swept() == []

    @pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.COMPLETED])
    def test_a_job_that_ended_is_not_done_again(self, run, workspace, recording, status):
        """Whatever its run was called afterwards."""
        crashed = run(Pending(), Running(), Crashed())
        assert swept(jobs=job_of(crashed, workspace, recording, status)) == []

    def test_a_job_that_was_cancelled_stays_so_and_one_that_was_stopped_goes_on(
        self, run, workspace, recording
    ):
        """By somebody, or with its machine."""
        crashed = run(Pending(), Running(), Crashed())
        stopped = job_of(crashed, workspace, recording, JobStatus.CANCELLED)
        (key,) = stopped
        asked_for = {key: replace(stopped[key], cancel_requested_at=datetime.now(UTC))}
        assert swept(jobs=asked_for) == []
        assert len(swept(jobs=stopped)) == 1
