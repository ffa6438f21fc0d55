"""Stores that are away for longer than anything else is retried: jobs wait, and compute nothing
twice.
"""

import pickle
import socket
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest

from trax.errors import (
    Cancelled,
    EngineError,
    StoreError,
    StoreUnavailable,
)
from trax.host.wire import Failure
from trax.pipelines.transcribe import TRANSCRIBE, identify, transcribe
from trax.progress import reporting
from trax.servers import S3Config
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore, JobRepository, JobStatus
from trax.store.objects import disk_error
from trax.store.s3 import S3Store
from trax.testing import Recorder, ScriptedEngines
from trax.testing.servers import S3Server
from trax.work import hold as hold_module
from trax.work import retry
from trax.work.hold import holding, take
from trax.work.patient import patient
from trax.work.retry import is_transient, patiently, with_retries
from trax.work.workspace import Workspace

OPTIONS = TranscribeOptions(formats=("txt",))


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Engines are tried for 0.15 s, stores for 25 times as long; hearts beat fast."""
    monkeypatch.setattr(retry, "RETRY_DELAYS", [0.05, 0.05, 0.05])
    monkeypatch.setattr(hold_module, "HEARTBEAT", 0.05)


class FaultyStore(FolderStore):
    """A folder whose *method* is away for *seconds* from its first call with a key of *stage* on.

    Attributes:
        error: what it raises meanwhile.
    """

    def __init__(self, root, method, stage, seconds):
        super().__init__(root)
        self.error = StoreUnavailable("the object store does not answer")
        self._method, self._stage, self._seconds = method, stage, seconds
        self._back = None

    def come_back(self):
        """Be there from now on."""
        self._back = time.monotonic()

    def put_file(self, key, source):
        self._fail("put_file", key)
        return super().put_file(key, source)

    def put_bytes(self, key, data):
        self._fail("put_bytes", key)
        return super().put_bytes(key, data)

    def read(self, key):
        self._fail("read", key)
        return super().read(key)

    def local_path(self, ref):
        self._fail("local_path", ref.key)
        return super().local_path(ref)

    def _fail(self, method, key):
        if method == self._method and self._stage in key:
            self._back = self._back or time.monotonic() + self._seconds
            if time.monotonic() < self._back:
                raise self.error


def job_with(objects, tmp_path, engines):
    database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
    return Workspace(objects=objects, database=database, engines=engines)


class TestObjects:
    @pytest.mark.parametrize(
        ("method", "stage"),
        [
            ("put_file", "recordings/"),
            ("put_file", "checkpoints/diarize"),
            ("put_bytes", "checkpoints/recognise"),
            ("put_file", "transcripts/"),
            ("put_bytes", "checkpoints/publish"),
            ("read", "checkpoints/recognise"),
            ("local_path", "recordings/"),
            ("local_path", "checkpoints/merge"),
        ],
    )
    def test_nothing_is_computed_twice(self, method, stage, tmp_path, recording, engines):
        """Wherever the store goes away, and though engines would have been given up by then."""
        objects = FaultyStore(tmp_path / "o", method, stage, 0.6)
        recorder = Recorder()
        with reporting(recorder):
            result = transcribe(job_with(objects, tmp_path, engines), recording, OPTIONS)
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 1}
        assert recorder.failed == []
        assert sum(run.retries for run in result.runs) == 0
        said = [note for note in recorder.notes if "does not answer; waiting" in note]
        assert 1 <= len(said) <= 2  # two stages may wait

    def test_a_real_server_may_be_away_for_long(self, own_s3, tmp_path, recording, monkeypatch):
        """Killed while engines work, and back long after."""
        monkeypatch.setattr(retry, "RETRY_DELAYS", [1.0] * 5)
        engines = Interrupted(own_s3.stop, own_s3.start, 2.0)
        store = S3Store(own_s3.config(), FolderStore(tmp_path / "cache"))
        recorder = Recorder()
        with reporting(recorder):
            result = transcribe(job_with(store, tmp_path, engines), recording, OPTIONS)
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 1}
        assert recorder.failed == []
        assert any("does not answer" in note for note in recorder.notes)
        assert store.read(result.exports["txt"].key)

    @pytest.mark.timeout(120)
    def test_a_job_that_waits_can_be_stopped(self, tmp_path, recording, engines, monkeypatch):
        """Though the wait would last an hour."""
        monkeypatch.setattr(retry, "RETRY_DELAYS", [3600.0])
        objects = FaultyStore(tmp_path / "o", "put_file", "checkpoints/diarize", 3600)
        workspace = job_with(objects, tmp_path, engines)
        stop = threading.Event()
        threading.Timer(1.0, stop.set).start()
        with pytest.raises(Cancelled), reporting(Recorder(), stop):
            transcribe(workspace, recording, OPTIONS)
        assert workspace.jobs.newest()[0].status is JobStatus.CANCELLED

    def test_a_store_that_stays_away_fails_the_job_once(self, tmp_path, recording, engines):
        """Nobody begins from the start again; the job can be retried."""
        objects = FaultyStore(tmp_path / "o", "put_file", "checkpoints/diarize", 3600)
        workspace = job_with(objects, tmp_path, engines)
        with pytest.raises(StoreUnavailable, match="does not answer; given up after") as caught:
            transcribe(workspace, recording, OPTIONS)
        assert not is_transient(pickle.loads(pickle.dumps(caught.value)))
        assert not is_transient(Failure.of(caught.value).error())
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 1}
        assert workspace.jobs.newest()[0].status is JobStatus.FAILED

    @pytest.mark.timeout(120)
    def test_a_server_that_never_answers_holds_nobody_up(self, tmp_path, recording, engines):
        """It takes the call; whoever is stopped does not wait for its end."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
            config = S3Config(endpoint=endpoint, bucket="trax", access_key="a", secret_key="s")
            store = S3Store(config, FolderStore(tmp_path / "cache"))
            stop = threading.Event()
            threading.Timer(1.0, stop.set).start()
            with pytest.raises(Cancelled), reporting(Recorder(), stop):
                transcribe(job_with(store, tmp_path, engines), recording, OPTIONS)

    @pytest.mark.parametrize("ends", ["given up", "stopped"])
    def test_the_next_run_stores_what_this_one_made(self, tmp_path, recording, engines, ends):
        """Though this one waited in vain, or was stopped while it did."""
        objects = FaultyStore(tmp_path / "o", "put_file", "checkpoints/diarize", 3600)
        workspace = job_with(objects, tmp_path, engines)
        stop = threading.Event()
        if ends == "stopped":
            threading.Timer(1.5, stop.set).start()
        with pytest.raises((StoreUnavailable, Cancelled)), reporting(Recorder(), stop):
            transcribe(workspace, recording, OPTIONS)
        objects.come_back()
        recorder = Recorder()
        with reporting(recorder):
            transcribe(workspace, recording, OPTIONS)
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 1}
        assert "diarize: what an earlier run made is stored now" in recorder.notes
        assert list((tmp_path / "o" / "tmp").iterdir()) == []
        again = transcribe(workspace, recording, OPTIONS)
        assert all(run.cached for run in again.runs)

    @pytest.mark.parametrize("damage", ["diarization.json", "aside.json"])
    def test_what_was_kept_and_is_damaged_is_made_again(self, tmp_path, recording, engines, damage):
        """As if it had not been kept."""
        objects = FaultyStore(tmp_path / "o", "put_file", "checkpoints/diarize", 3600)
        workspace = job_with(objects, tmp_path, engines)
        with pytest.raises(StoreUnavailable):
            transcribe(workspace, recording, OPTIONS)
        objects.come_back()
        (file,) = (tmp_path / "o" / "tmp").glob(f"aside-diarize-*/{damage}")
        file.write_bytes(b"[1]")
        transcribe(workspace, recording, OPTIONS)
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 2}

    def test_a_stage_that_is_to_run_again_does(self, tmp_path, recording, engines):
        """Whatever an earlier run could not store."""
        objects = FaultyStore(tmp_path / "o", "put_file", "checkpoints/diarize", 3600)
        workspace = job_with(objects, tmp_path, engines)
        with pytest.raises(StoreUnavailable):
            transcribe(workspace, recording, OPTIONS)
        objects.come_back()
        transcribe(workspace, recording, OPTIONS, redo_from="diarize")
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 2}

    @pytest.mark.timeout(120)
    def test_a_full_disk_is_not_waited_for(self, tmp_path, recording, engines):
        """Longer than anything else: it does not empty itself."""
        objects = FaultyStore(tmp_path / "o", "put_file", "checkpoints/diarize", 3600)
        objects.error = StoreUnavailable("cannot write: No space left on device", "short")
        with pytest.raises(StoreUnavailable, match="No space left"):
            transcribe(job_with(objects, tmp_path, engines), recording, OPTIONS)
        assert engines.calls.count("diarize") == 1

    def test_what_the_system_says_tells_a_server_from_a_disk(self):
        """A mounted folder is away; a full one is not."""
        said = [OSError(116, "stale"), OSError(28, "full"), OSError(13, "denied")]
        assert [disk_error("x", each).patience for each in said] == ["long", "short", "short"]


class Interrupted(ScriptedEngines):
    """Takes a server away when diarization is about to end, for some seconds."""

    def __init__(self, stop, start, seconds):
        super().__init__()
        self._stop, self._start, self._seconds = stop, start, seconds

    def begin(self, options):
        session = super().begin(options)
        self._stop()
        threading.Timer(self._seconds, self._start).start()
        return session


@pytest.fixture
def own_s3(tmp_path_factory):
    """An S3 server that may be stopped."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    wait_for_start(server)
    server.stop()


@pytest.fixture
def own_postgres(new_postgres):
    """A Postgres that may be stopped."""
    server = new_postgres()
    yield server
    wait_for_start(server)


def wait_for_start(server):
    """A timer may be about to start it again."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.function == server.start:
            thread.join()


class TestPostgres:
    @pytest.fixture
    def database(self, own_postgres):
        opened = Database(own_postgres.new_database())
        opened.upgrade()
        yield opened
        opened.close()

    @pytest.fixture
    def workspace(self, database, tmp_path, engines):
        return Workspace(objects=FolderStore(tmp_path / "o"), database=database, engines=engines)

    def test_a_job_begins_when_it_is_back(self, own_postgres, workspace, recording, monkeypatch):
        """Claims wait, with a word."""
        monkeypatch.setattr(retry, "RETRY_DELAYS", [0.5] * 6)
        own_postgres.stop()
        threading.Timer(1.5, own_postgres.start).start()
        recorder = Recorder()
        with reporting(recorder):
            transcribe(workspace, recording, OPTIONS)
        assert any("the database does not answer" in note for note in recorder.notes)
        (job,) = workspace.jobs.newest()
        assert (job.status, job.attempts) == (JobStatus.COMPLETED, 1)

    def test_a_connection_that_the_server_has_closed_is_not_used(self, own_postgres, database):
        """Its first use after a restart does not fail, whether it is to read or to write."""
        jobs = JobRepository(database)
        assert jobs.newest() == []
        own_postgres.stop()
        own_postgres.start()
        assert jobs.newest() == []
        own_postgres.stop()
        own_postgres.start()
        assert not jobs.complete("none", "nobody")

    @pytest.mark.parametrize("method", ["save", "complete"])
    def test_a_job_ends_when_it_is_back(
        self, own_postgres, workspace, recording, engines, monkeypatch, method
    ):
        """The transcript is kept, and the job's end is."""
        monkeypatch.setattr(retry, "RETRY_DELAYS", [0.5] * 6)
        kind = type(workspace.repository if method == "save" else workspace.jobs)
        plain, begun = getattr(kind, method), []

        def interrupted(*arguments):
            if not begun:
                begun.append(True)
                own_postgres.stop()
                threading.Timer(1.5, own_postgres.start).start()
            return plain(*arguments)

        monkeypatch.setattr(kind, method, interrupted)
        recorder = Recorder()
        with reporting(recorder):
            transcribe(workspace, recording, OPTIONS)
        (job,) = workspace.jobs.newest()
        assert (job.status, job.attempts) == (JobStatus.COMPLETED, 1)
        assert Counter(engines.calls) == {"recognise": 1, "diarize": 1}
        assert recorder.failed == []
        assert len(workspace.repository.summaries()) == 1
        assert {run.stage for run in workspace.jobs.stage_runs(job.id)} == set(TRANSCRIBE.names)

    def test_who_comes_during_an_outage_does_not_take_a_living_job(
        self, own_postgres, workspace, recording, monkeypatch
    ):
        """The one that has it gets the time to be heard of."""
        monkeypatch.setattr(retry, "RETRY_DELAYS", [0.5] * 6)
        for module in ("jobs", "owners"):
            monkeypatch.setattr(f"trax.store.{module}.LEASE", timedelta(seconds=1.0))
        job = identify(workspace, recording, OPTIONS)
        with holding(workspace, job):
            own_postgres.stop()
            threading.Timer(2.0, own_postgres.start).start()
            stop = threading.Event()
            threading.Timer(5.0, stop.set).start()
            with pytest.raises(Cancelled), reporting(Recorder(), stop):
                take(workspace, job)
        assert workspace.jobs.get(job.id).attempts == 1

    def test_a_wrong_password_is_not_waited_for(self):
        """It does not get right by itself."""
        from sqlalchemy.exc import OperationalError

        from trax.store.database import _translated

        refusal = Exception('connection failed: FATAL: password authentication failed for "trax"')
        with pytest.raises(StoreError, match="cannot be used") as caught, _translated():
            raise OperationalError("", {}, refusal)
        assert not caught.value.transient


class TestPatience:
    def test_other_errors_are_raised_at_once(self):
        """They are no reason to wait."""
        with pytest.raises(EngineError):
            patiently(failing(EngineError("broken"), 1))
        with pytest.raises(StoreError):
            patiently(failing(StoreError("refused"), 1))

    def test_it_says_so_now_and_then(self, monkeypatch):
        """Not at every try."""
        recorder = Recorder()
        with reporting(recorder):
            assert patiently(failing(StoreUnavailable("away"), 8)) == "done"
        assert recorder.notes == ["away; waiting"]

    def test_stores_are_waited_for_half_an_hour(self, monkeypatch):
        """In steps of seconds; engines for little more than a minute."""
        clock, steps = [0.0], []

        def pause(seconds):
            steps.append(seconds)
            clock[0] += seconds

        monkeypatch.setattr(retry, "RETRY_DELAYS", [2.0, 10.0, 60.0])
        monkeypatch.setattr(retry, "pause", pause)
        monkeypatch.setattr(retry.time, "monotonic", lambda: clock[0])
        with pytest.raises(StoreUnavailable):
            patiently(failing(StoreUnavailable("away"), 10_000))
        assert 1800 <= sum(steps) <= 1830
        assert max(steps) <= 15.0
        steps.clear()
        with pytest.raises(StoreUnavailable, match="full"):
            patiently(failing(StoreUnavailable("full", "short"), 10_000))
        assert steps == [2.0, 10.0, 60.0]

    def test_waits_do_not_add_up(self, workspace):
        """A patient workspace made patient again is the same."""
        once = patient(workspace)
        assert patient(once) is once
        assert patient(once).checkpoints.find("merge", "none") is None

    @pytest.mark.timeout(120)
    def test_retries_of_engines_can_be_stopped(self, monkeypatch):
        """While they wait, though that would last an hour."""
        monkeypatch.setattr(retry, "RETRY_DELAYS", [3600.0])
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(Cancelled), reporting(Recorder(), stop):
            with_retries(failing(StoreUnavailable("away"), 2))


def failing(error, times):
    """Fails so often, then is done."""
    left = [error] * times

    def call():
        if left:
            raise left.pop()
        return "done"

    return call
