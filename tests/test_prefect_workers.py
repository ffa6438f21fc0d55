"""Jobs of a service as runs of a deployment."""

import pytest

from trax.errors import PrefectUnavailable
from trax.pipelines.transcribe import identify, transcribe
from trax.service.prefect_workers import PrefectWorkers
from trax.stages.options import TranscribeOptions
from trax.store import JobStatus


class ScriptedRuns:
    """A Prefect server that notes what it is asked."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.cancelled: list[str] = []
        self.away = False

    def submit(self, recording, options, key, account="", pipeline="transcribe"):
        if self.away:
            raise PrefectUnavailable("away")
        self.keys.append(key)
        return f"run of {key}"

    def cancel(self, run):
        self.cancelled.append(run)


@pytest.fixture
def runs():
    return ScriptedRuns()


@pytest.fixture
def workers(workspace, runs):
    return PrefectWorkers(workspace, runs)


@pytest.fixture
def job(workspace, recording):
    made = identify(workspace, recording, TranscribeOptions(formats=("txt",)))
    workspace.queue.put(made.request)
    return made


def test_a_queued_job_is_submitted_once(workers, runs, job, workspace):
    """And is the run's from then on."""
    workers.submit_waiting()
    workers.submit_waiting()
    assert runs.keys == [f"{job.id} 0"]
    assert workspace.jobs.get(job.id).flow_run_id == f"run of {job.id} 0"


def test_a_server_that_is_away_gets_it_later(workers, runs, job):
    """The queue is in the database."""
    runs.away = True
    with pytest.raises(PrefectUnavailable):
        workers.submit_waiting()
    runs.away = False
    workers.submit_waiting()
    assert len(runs.keys) == 1


def test_the_run_takes_the_job_as_ever(workers, job, workspace, recording):
    """It is done, and queued no more."""
    workers.submit_waiting()
    transcribe(workspace, recording, TranscribeOptions(formats=("txt",)))
    assert workspace.jobs.get(job.id).status is JobStatus.COMPLETED
    assert workspace.queue.unsubmitted() == []


def test_a_retry_is_another_run(workers, runs, job, workspace, recording):
    """With a key of its own, or the server would give the first one back."""
    workers.submit_waiting()
    transcribe(workspace, recording, TranscribeOptions(formats=("txt",)))
    workspace.queue.put_again(job.id)
    workers.submit_waiting()
    assert runs.keys == [f"{job.id} 0", f"{job.id} 1"]


def test_cancelling_reaches_the_run(workers, runs, job, workspace):
    """One that was submitted; no other."""
    workers.cancel(job.id)
    assert runs.cancelled == []
    workers.submit_waiting()
    workspace.jobs.cancel(job.id)
    workers.cancel(job.id)
    assert runs.cancelled == [f"run of {job.id} 0"]
