"""The same bytes with the same options are one job, whoever submits them and however often."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from trax.asr import RecognitionOptions
from trax.errors import Cancelled, EngineError, InvalidOption, NotFound, StoreUnavailable
from trax.pipelines.transcribe import TRANSCRIBE, identify, transcribe
from trax.progress import StageRun
from trax.stages.options import TranscribeOptions
from trax.store import Database, JobRepository, JobRequest, JobStatus, Renewal, new_owner
from trax.store.owners import LEASE
from trax.store.tables import JobRow
from trax.testing import tone, write_audio

OPTIONS = TranscribeOptions(formats=("txt",))
REQUEST = JobRequest(
    pipeline="transcribe",
    key="a" * 64,
    recording_sha256="b" * 64,
    name="call.wav",
    source="/x/call.wav",
    size_bytes=10,
    options={"a": 1},
)


@pytest.fixture
def jobs(database) -> JobRepository:
    return JobRepository(database)


def grow_old(database, age: timedelta) -> None:
    """Let the owner's last sign of life be *age* ago."""
    with database.writing() as session:
        session.execute(update(JobRow).values(heartbeat_at=datetime.now(UTC) - age))


class TestClaims:
    def test_the_first_takes_it_and_the_second_does_not(self, jobs):
        """Whoever comes second."""
        assert jobs.claim(REQUEST, new_owner()) == 1
        assert jobs.claim(REQUEST, new_owner()) is None
        assert jobs.claim(replace(REQUEST, key="c" * 64), new_owner()) == 1

    def test_what_ended_can_be_taken_again(self, jobs):
        """Well or badly; it stays one job."""
        for attempt, end in enumerate(
            (jobs.complete, lambda job, owner: jobs.fail(job, owner, {"error": "x"})), 1
        ):
            owner = new_owner()
            assert jobs.claim(REQUEST, owner) == attempt
            assert end(REQUEST.id, owner)
        assert [job.attempts for job in jobs.newest()] == [2]

    def test_an_owner_that_is_not_heard_of_loses_it(self, jobs, database):
        """On another machine that may be all there is to see."""
        assert jobs.claim(REQUEST, "elsewhere/1/x") == 1
        grow_old(database, LEASE - timedelta(seconds=30))
        assert jobs.claim(REQUEST, new_owner()) is None
        grow_old(database, LEASE + timedelta(seconds=1))
        assert jobs.get(REQUEST.id).status is JobStatus.LOST
        assert jobs.claim(REQUEST, new_owner()) == 2

    def test_signs_of_life_keep_it(self, jobs, database):
        """And say how far it is."""
        jobs.claim(REQUEST, "elsewhere/1/x")
        grow_old(database, 2 * LEASE)
        assert jobs.renew(REQUEST.id, "elsewhere/1/x", "diarize", 0.5)
        assert jobs.claim(REQUEST, new_owner()) is None
        job = jobs.get(REQUEST.id)
        assert (job.status, job.stage, job.progress) == (JobStatus.RUNNING, "diarize", 0.5)

    def test_who_lost_it_changes_nothing_any_more(self, jobs, database):
        """Neither its progress nor its end."""
        jobs.claim(REQUEST, "elsewhere/1/x")
        grow_old(database, 2 * LEASE)
        jobs.claim(REQUEST, new_owner())
        renewal = jobs.renew(REQUEST.id, "elsewhere/1/x", "merge", 1.0)
        assert renewal is Renewal.LOST
        assert not jobs.complete(REQUEST.id, "elsewhere/1/x")
        assert not jobs.fail(REQUEST.id, "elsewhere/1/x", {"error": "late"})
        assert jobs.get(REQUEST.id).status is JobStatus.RUNNING

    def test_a_dead_owner_on_this_machine_is_not_waited_for(self, jobs):
        """Its process number says so at once."""
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        jobs.claim(REQUEST, f"{socket.gethostname()}/{dead.pid}/x")
        assert jobs.get(REQUEST.id).status is JobStatus.LOST
        assert jobs.claim(REQUEST, new_owner()) == 2

    def test_an_owner_alive_on_this_machine_is(self, jobs):
        """This very process."""
        jobs.claim(REQUEST, f"{socket.gethostname()}/{os.getpid()}/x")
        assert jobs.claim(REQUEST, new_owner()) is None

    def test_stage_runs_are_those_of_the_newest_run(self, jobs):
        """A cached run after a real one shows as cached."""
        run = StageRun(
            stage="recognise",
            key="k",
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            seconds=2.0,
            cached=False,
            audio_seconds=10.0,
            peak_memory_bytes=1 << 40,
            engine="e",
        )
        jobs.claim(REQUEST, new_owner())
        for each in (
            run,
            replace(run, stage="diarize", retries=2),
            replace(run, cached=True, seconds=0.1),
        ):
            jobs.record(REQUEST.id, 1, each)
        found = {each.stage: each for each in jobs.stage_runs(REQUEST.id)}
        assert {stage: each.cached for stage, each in found.items()} == {
            "recognise": True,
            "diarize": False,
        }
        assert found["diarize"] == replace(run, stage="diarize", retries=2)
        assert run.speed_factor == 5.0
        assert replace(run, seconds=0.0).speed_factor == 0.0

    def test_jobs_are_found_by_status(self, jobs, database):
        """The lost among the running ones, too."""
        for number, status in enumerate(("completed", "failed", "running", "running")):
            request = replace(REQUEST, key=f"{number}" * 64)
            jobs.claim(request, "elsewhere/1/x")
            with database.writing() as session:
                heard = datetime.now(UTC) - (2 * LEASE if number == 2 else timedelta())
                session.execute(
                    update(JobRow)
                    .where(JobRow.id == request.id)
                    .values(status=status, heartbeat_at=heard)
                )
        assert [job.id[0] for job in jobs.newest((JobStatus.FAILED, JobStatus.LOST))] == ["2", "1"]
        assert [job.id[0] for job in jobs.newest((JobStatus.RUNNING,))] == ["3"]
        assert [job.id[0] for job in jobs.newest((JobStatus.LOST,), most=1)] == ["2"]
        assert jobs.recordings_in_work() == {REQUEST.recording_sha256}
        assert len(jobs.newest()) == 4

    def test_an_unknown_job_is_said_to_be_unknown(self, jobs):
        """An ambiguous one is refused."""
        with pytest.raises(NotFound, match=r"no job .abc."):
            jobs.get("abc")
        for key in ("ab" * 32, "ac" * 32):
            jobs.claim(replace(REQUEST, key=key), new_owner())
        with pytest.raises(InvalidOption, match="several"):
            jobs.get("a")


class TestIdentity:
    def test_bytes_and_options_make_a_job(self, workspace, recording, tmp_path):
        """Not the name, not the place."""
        copy = tmp_path / "copy.wav"
        copy.write_bytes(recording.read_bytes())
        other = write_audio(tmp_path / "other.wav", tone(1.0))
        changed = TranscribeOptions(recognition=RecognitionOptions(beam_size=1))
        ids = [
            identify(workspace, path, options).id
            for path, options in (
                (recording, OPTIONS),
                (copy, OPTIONS),
                (other, OPTIONS),
                (recording, changed),
            )
        ]
        assert ids[0] == ids[1]
        assert len(set(ids)) == 3

    def test_copies_by_other_names_add_no_versions_for_ever(self, workspace, recording, tmp_path):
        """One for each name, however often they come."""
        copy = tmp_path / "copy.wav"
        copy.write_bytes(recording.read_bytes())
        results = [transcribe(workspace, path, OPTIONS) for path in (recording, copy) * 3]
        (transcript,) = {result.transcript_id for result in results}
        assert [each.version for each in workspace.repository.versions(transcript)] == [2, 1]
        assert all(run.cached for result in results[2:] for run in result.runs)
        assert len(workspace.jobs.newest()) == 1

    def test_doing_it_again_is_the_same_job(self, workspace, recording):
        """Redoing stages is how, not what."""
        assert (
            identify(workspace, recording, OPTIONS, "ingest").id
            == identify(workspace, recording, OPTIONS).id
        )

    def test_a_stage_that_is_none_is_refused(self, workspace, recording):
        """With those there are."""
        with pytest.raises(
            InvalidOption, match="ingest, recognise, diarize, enhance, merge, annotate, publish"
        ):
            identify(workspace, recording, OPTIONS, "publsh")


class TestWaiting:
    def test_the_second_waits_and_takes_the_result(self, workspace, recording, engines):
        """The engine works once."""
        entered, go = threading.Event(), threading.Event()
        recognise = engines.recognise

        def slow(*arguments):
            entered.set()
            assert go.wait(30)
            return recognise(*arguments)

        engines.recognise = slow
        results = []
        threads = [
            threading.Thread(
                target=lambda: results.append(transcribe(workspace, recording, OPTIONS))
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        assert entered.wait(30)
        time.sleep(0.3)
        go.set()
        for thread in threads:
            thread.join(60)
        assert len({result.transcript_id for result in results}) == 1
        assert engines.calls == ["diarize", "recognise"]
        assert sorted(sum(run.cached for run in result.runs) for result in results) == [0, 7, 7]

    def test_who_waits_can_be_stopped(self, workspace, recording):
        """The other goes on."""
        from trax.progress import reporting, silent

        workspace.jobs.claim(identify(workspace, recording, OPTIONS).request, "elsewhere/1/x")
        stop = threading.Event()
        stop.set()
        with pytest.raises(Cancelled, match="another process"), reporting(silent, stop):
            transcribe(workspace, recording, OPTIONS)
        assert workspace.jobs.newest()[0].owner == "elsewhere/1/x"


class TestFailures:
    def test_a_failure_leaves_its_report(self, workspace, recording, engines):
        """What, where, why, how often, with which options, what is kept, how to go on."""
        engines.diarize_errors = [EngineError("out of memory")]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        (job,) = workspace.jobs.newest((JobStatus.FAILED,))
        report = job.error
        assert (report["stage"], report["error"]) == ("diarize", "out of memory")
        assert report["causes"] == ["EngineError: out of memory"]
        assert report["where"].startswith("trax/testing/engines.py:")
        assert (report["attempts"], report["options"]["formats"]) == (1, ["txt"])
        assert report["kept"][0] == "ingest"
        assert report["resume"].startswith("Fix the cause, then retry the job")
        assert (job.status, job.stage) == (JobStatus.FAILED, "diarize")

    def test_the_stage_is_that_of_the_error(self, workspace, recording, engines):
        """Where both fail, the one that is told."""
        engines.recognise_errors = [EngineError("words failed")]
        engines.diarize_errors = [EngineError("turns failed")]
        with pytest.raises(EngineError, match="words failed"):
            transcribe(workspace, recording, OPTIONS)
        report = workspace.jobs.newest()[0].error
        assert (report["stage"], report["error"]) == ("recognise", "words failed")

    def test_causes_are_chained(self, workspace, recording, engines):
        """Down to what the library below said."""
        error = EngineError("the model failed")
        error.__cause__ = RuntimeError("CUDA error 700")
        engines.recognise_errors = [error]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        report = workspace.jobs.newest()[0].error
        assert report["causes"] == ["EngineError: the model failed", "RuntimeError: CUDA error 700"]

    def test_passwords_in_addresses_are_left_out(self, workspace, recording, engines):
        """Libraries put whole addresses into their errors."""
        engines.recognise_errors = [EngineError("cannot reach https://me:geheim@host/path")]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        assert workspace.jobs.newest()[0].error["error"] == "cannot reach https://host/path"

    def test_a_stop_is_no_failure(self, workspace, recording, engines):
        """But it is in the list of what may be done again."""
        engines.recognise_errors = [Cancelled("stopped")]
        with pytest.raises(Cancelled):
            transcribe(workspace, recording, OPTIONS)
        assert workspace.jobs.newest()[0].status is JobStatus.CANCELLED

    def test_success_clears_it(self, workspace, recording, engines):
        """The same job, the second attempt."""
        engines.diarize_errors = [EngineError("once")]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        result = transcribe(workspace, recording, OPTIONS)
        job = workspace.jobs.get(result.job_id)
        assert (job.status, job.error, job.attempts) == (JobStatus.COMPLETED, None, 2)
        assert (job.transcript_id, job.transcript_version) == (result.transcript_id, 1)

    def test_transient_errors_are_tried_again_and_counted(
        self, workspace, recording, engines, impatient
    ):
        """In plain Python, too."""
        engines.recognise_errors = [StoreUnavailable("away"), StoreUnavailable("still"), None]
        result = transcribe(workspace, recording, OPTIONS)
        runs = {run.stage: run.retries for run in workspace.jobs.stage_runs(result.job_id)}
        assert runs == dict.fromkeys(TRANSCRIBE.names, 0) | {"recognise": 2}


RECORDINGS = 8

SUBMIT = """
import json, multiprocessing, sys
from pathlib import Path
from trax.stages.options import TranscribeOptions
from trax.work.workspace import Workspace
from trax.pipelines.transcribe import transcribe
from trax.store import Database, FolderStore
from trax.testing import ScriptedEngines
url, folder, processes, recordings, times = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
context = multiprocessing.get_context("fork")
start, results = context.Event(), context.Queue()
def submit():
    engines = ScriptedEngines()
    objects = FolderStore(folder / "objects")
    workspace = Workspace(objects=objects, database=Database(url), engines=engines)
    start.wait()
    done = []
    for _ in range(times):
        for number in range(recordings):
            options = TranscribeOptions(formats=("txt",))
            result = transcribe(workspace, folder / f"{number}.wav", options)
            done.append((number, result.job_id, result.transcript_id))
    results.put((done, len(engines.calls)))
workers = [context.Process(target=submit) for _ in range(processes)]
for worker in workers:
    worker.start()
start.set()
answers = [results.get(timeout=500) for _ in workers]
for worker in workers:
    worker.join()
print(json.dumps([answers, [worker.exitcode for worker in workers]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("processes", "times"), [(6, 2), pytest.param(32, 5, marks=pytest.mark.soak)]
)
def test_many_processes_submit_the_same_recordings(database_url, tmp_path, processes, times):
    """Many processes, 8 recordings, some times each: 8 jobs, 8 transcripts, each stage once."""
    for number in range(RECORDINGS):
        write_audio(tmp_path / f"{number}.wav", tone(0.5 + number / 10))
    command = [sys.executable, "-c", SUBMIT, database_url, tmp_path, processes, RECORDINGS, times]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=550
    )
    assert done.returncode == 0, done.stderr
    answers, codes = json.loads(done.stdout)
    assert codes == [0] * processes
    assert sum(len(submitted) for submitted, _ in answers) == processes * RECORDINGS * times
    assert len({tuple(answer) for submitted, _ in answers for answer in submitted}) == RECORDINGS
    assert sum(calls for _, calls in answers) == 2 * RECORDINGS
    database = Database(database_url)
    with database.reading() as session:
        counts = {
            table: session.scalar(text(f"select count(*) from {table}"))
            for table in ("jobs", "transcripts", "recordings")
        }
        statuses = set(session.scalars(text("select distinct status from jobs")))
        made = session.scalar(text("select count(*) from stage_runs where not cached"))
    database.close()
    assert counts == {"jobs": RECORDINGS, "transcripts": RECORDINGS, "recordings": RECORDINGS}
    assert statuses == {"completed"}
    assert made == 7 * RECORDINGS
