"""A command beside a service of the same data folder: the service does the work."""

import json
import threading

import pytest

from trax.errors import Cancelled
from trax.progress import reporting
from trax.service.neighbour import announced, neighbour, send
from trax.stages.options import TranscribeOptions
from trax.store import Database, JobRepository, JobStatus
from trax.testing import Recorder, tone, write_audio
from trax.testing.engine_server import scripted_workspace
from trax.testing.servers import WebServer


def test_a_service_is_found_while_it_lives(tmp_path):
    """Not before, and not after."""
    assert neighbour(tmp_path / "home") is None
    with announced(tmp_path / "home", "http://127.0.0.1:1"):
        assert neighbour(tmp_path / "home") == "http://127.0.0.1:1"
        with announced(tmp_path / "home", "http://127.0.0.1:2"):
            assert neighbour(tmp_path / "home") == "http://127.0.0.1:1"
    assert neighbour(tmp_path / "home") is None


@pytest.mark.server
class TestBeside:
    @pytest.fixture
    def server(self, home):
        started = WebServer(home)
        yield started
        started.kill()

    @pytest.fixture
    def jobs(self, home):
        return JobRepository(Database(f"sqlite:///{home / 'trax.db'}"))

    def test_the_command_sends_its_recording_there(self, trax, server, recording, jobs):
        """And has the same files and words as ever."""
        done = trax("transcribe", recording, "--format", "txt,srt", "--out", "out")
        assert done.exit_code == 0, done.output
        assert f"the service on {server.url} does the work" in done.stderr
        assert "hello" in done.stdout
        (job,) = jobs.newest()
        assert job.owner.split("/")[1] == str(server.process.pid)
        again = trax("transcribe", recording, "--format", "txt,srt", "--out", "out", "--json")
        assert json.loads(again.stdout)[0]["stages"]["recognise"]["cached"]

    def test_a_failure_is_told_as_ever(self, trax, server, tmp_path):
        """With its exit code."""
        (tmp_path / "broken.wav").write_bytes(b"no audio")
        failed = trax("transcribe", tmp_path / "broken.wav")
        assert failed.exit_code == 2
        assert "cannot read audio" in failed.stderr

    def test_events_are_passed_on(self, server, home, recording):
        """Each stage's beginning and end."""
        recorder = Recorder()
        with reporting(recorder):
            send(scripted_workspace(home), home, str(recording), TranscribeOptions(formats=()))
        assert recorder.started[0] == "ingest"
        assert len(recorder.finished) == 7

    def test_whoever_stops_it_stops_it_there(self, server, home, recording, jobs):
        """As with Ctrl-C."""
        stop = threading.Event()
        options = TranscribeOptions.model_validate({"recognition": {"prompt": "slow 60"}})
        threading.Timer(2.0, stop.set).start()
        with pytest.raises(Cancelled), reporting(Recorder(), stop):
            send(scripted_workspace(home), home, str(recording), options)
        assert jobs.newest()[0].status is JobStatus.CANCELLED

    def test_a_service_that_dies_leaves_the_work_to_the_command(self, server, home, tmp_path):
        """It is told so, and nothing is lost."""
        file = write_audio(tmp_path / "long.wav", tone(3.0))
        options = TranscribeOptions.model_validate({"recognition": {"prompt": "slow 60"}})
        threading.Timer(1.0, server.kill).start()
        with reporting(Recorder()):
            assert send(scripted_workspace(home), home, str(file), options) is None
