"""The engine process: models stay loaded, work takes seats, and a process that dies costs nobody
else anything.
"""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from trax.errors import (
    Cancelled,
    EngineError,
    NoAnswer,
    StageTimeout,
    UnreadableAudio,
)
from trax.host import EngineClient
from trax.host.ends import cause_of, note_end, told_by_code
from trax.host.losses import Losses
from trax.host.wire import Failure
from trax.pipelines.transcribe import TRANSCRIBE, transcribe
from trax.progress import Heard, reporting
from trax.stages.options import TranscribeOptions
from trax.testing import Recorder, tone, write_audio
from trax.testing.engine_server import scripted_workspace
from trax.testing.servers import EngineServer
from trax.testing.waiting import wait_until


@pytest.fixture
def home(tmp_path_factory):
    """A folder with a short path: a socket's may not be long."""
    return tmp_path_factory.mktemp("e")


@pytest.fixture
def engine(home):
    server = EngineServer(home)
    yield server
    server.stop()


@pytest.fixture
def caller(home):
    """A workspace whose stages go to the engine; its own engines say something else."""
    workspace = scripted_workspace(home)
    workspace.engines.text = "said without an engine."
    return replace(workspace, host=EngineClient(home / "engines", "test"))


def do(workspace, recording, prompt="", stop=None):
    """Transcribe, and give the text and what was told."""
    options = TranscribeOptions.model_validate(
        {"recognition": {"prompt": prompt}, "formats": ["txt"]}
    )
    notes = Recorder()
    with reporting(notes, stop):
        result = transcribe(workspace, recording, options)
    return workspace.repository.get(result.transcript_id).text, notes


def recordings(folder, count):
    return [write_audio(folder / f"{at}.wav", tone(1.0 + at / 10)) for at in range(count)]


@pytest.mark.server
class TestWarm:
    def test_models_are_loaded_once_for_many_jobs(self, engine, caller, tmp_path):
        """The engine counts what it loads."""
        texts = [do(caller, each)[0] for each in recordings(tmp_path, 3)]
        assert texts == ["hello there."] * 3
        (status,) = engine.statuses()
        assert status.loads == {"words": 1}
        assert status.finished == {"recognise": 3, "diarize": 3}
        assert caller.engines.calls == []

    def test_without_an_engine_models_are_loaded_here(self, caller, recording):
        """The same result but for whose engine it is; nothing to set."""
        assert do(caller, recording)[0] == "said without an engine."

    def test_progress_and_stages_are_told(self, engine, caller, recording):
        """As if the stage ran here."""
        _text, notes = do(caller, recording, "heard good day and slow 1")
        assert Heard(0.0, 1.0, "good day") in notes.events
        assert notes.shares("recognise")
        assert {"recognise", "diarize"} <= set(notes.finished)

    def test_a_place_in_the_queue_is_not_said_at_every_move(self, home, caller, tmp_path):
        """The last of many says where it stands now and then, not nine times in a moment."""
        server = EngineServer(home, "--seats", "1")
        with ThreadPoolExecutor(7) as pool:
            jobs = [pool.submit(do, caller, each, "slow 0.3") for each in recordings(tmp_path, 7)]
            notes = [job.result()[1].notes for job in jobs]
        server.stop()
        assert any("waits for cpu behind" in note for each in notes for note in each)
        for each in notes:
            assert len([note for note in each if note.startswith("recognise waits")]) <= 3

    def test_an_engine_that_keeps_objects_elsewhere_is_not_used(
        self, engine, caller, recording, home
    ):
        """Its references would lead nowhere; a note says so."""
        elsewhere = replace(caller, host=EngineClient(home / "engines", "another"))
        text, notes = do(elsewhere, recording)
        assert text == "said without an engine."
        assert any("keeps objects elsewhere" in note for note in notes.notes)

    def test_an_engine_of_another_version_is_not_used(self, engine, caller, recording, monkeypatch):
        """After an update it is to be started again."""
        monkeypatch.setattr("trax.host.client.__version__", "0.0.1")
        text, notes = do(caller, recording)
        assert text == "said without an engine."
        assert any("start it again" in note for note in notes.notes)

    def test_models_that_nobody_uses_are_unloaded(self, home, caller, recording, monkeypatch):
        """After a while."""
        from trax.host.server import StageServer

        workspace = scripted_workspace(home)
        server = StageServer(workspace, [TRANSCRIBE], "cpu", "test", idle=0.0)
        do(workspace, recording)
        assert [use.name for use in workspace.engines.manager.loaded] == ["words"]
        server.unload_idle()
        assert server.status().loaded == {}

    def test_errors_of_a_stage_are_its_own(self):
        """With the class and the sentence that they have in one process."""
        for error in (
            StageTimeout("merge", 3.0),
            UnreadableAudio("a.mp3", "no"),
            NoAnswer("why", True),
            EngineError("x"),
        ):
            back = Failure.model_validate_json(Failure.of(error).model_dump_json()).error()
            assert (type(back), back.args, str(back)) == (type(error), error.args, str(error))
        assert str(Failure.of(KeyError("x")).error()) == "KeyError: 'x'"


@pytest.mark.server
class TestCrashes:
    def test_a_process_that_dies_is_replaced_and_the_stage_done_again(
        self, engine, caller, recording, tmp_path
    ):
        """Nothing is lost, and nobody has to do anything."""
        before = engine.statuses()[0].process
        text, notes = do(caller, recording, f"die once {tmp_path / 'died'}")
        assert text == "hello there."
        assert any("went away" in note for note in notes.notes)
        assert engine.statuses()[0].process != before

    def test_a_job_that_kills_it_twice_fails_alone(self, engine, caller, tmp_path):
        """Others that ran beside it are done."""
        bad, *good = recordings(tmp_path, 4)
        with ThreadPoolExecutor(4) as pool:
            fine = [pool.submit(do, caller, each, "slow 0.5") for each in good]
            with pytest.raises(EngineError, match="down twice"):
                do(caller, bad, "die")
            assert [each.result()[0] for each in fine] == ["hello there."] * 3

    @pytest.mark.parametrize("end", ["killed", "hang"])
    def test_deaths_that_others_cause_fail_nobody(self, home, caller, recording, tmp_path, end):
        """Killed from outside twice, or by its supervisor: then the stage runs without it."""
        server = EngineServer(home, "--hung", "2")
        caller.engines.obeys = False
        text, notes = do(caller, recording, f"{end} twice {tmp_path / 'ends'}")
        server.stop()
        assert text == "said without an engine."
        why = {"killed": "it was killed", "hang": "it hung"}[end]
        ends = [note for note in notes.notes if why in note]
        assert len(ends) >= 2
        assert any("working without it" in note for note in ends)

    def test_one_crash_and_two_kills_are_not_two_crashes(self, engine, caller, tmp_path):
        """And a stage that did crash an engine is never run in the job's own process."""
        (recording,) = recordings(tmp_path, 1)
        crash = f"die once {tmp_path / 'died'} and killed twice {tmp_path / 'killed'}"
        assert do(caller, recording, crash)[0] == "hello there."

    def test_an_engine_that_works_without_a_word_is_left_alone(self, home, caller, recording):
        """It uses the processor: a clock alone would call that hanging."""
        server = EngineServer(home, "--hung", "2")
        before = server.statuses()[0].process
        text, notes = do(caller, recording, "busy 9")
        after = server.statuses()[0].process
        server.stop()
        assert text == "hello there."
        assert notes.notes == []
        assert after == before

    def test_an_engine_outlives_a_pause_of_its_supervisor(self, home, caller, recording):
        """Whoever sleeps does not see signs of life; that is no reason to kill."""
        server = EngineServer(home, "--hung", "2")
        before = server.statuses()[0].process
        for number in (signal.SIGSTOP, signal.SIGCONT):
            os.kill(server.process.pid, number)
            time.sleep(4.0)
        after = server.statuses()[0].process
        server.stop()
        assert after == before

    def test_a_job_that_waits_for_a_hung_engine_can_be_stopped(self, engine, caller, recording):
        """Before the engine is given up."""
        before = engine_process(engine)
        stop = threading.Event()
        threading.Timer(1.5, stop.set).start()
        with pytest.raises(Cancelled):
            do(caller, recording, "hang", stop)
        assert engine_process(engine) == before
        os.kill(before, signal.SIGKILL)

    def test_restarting_loses_no_work(self, engine, caller, tmp_path):
        """What has begun is done; what waits goes to the next process."""
        before = engine.statuses()[0].process
        with ThreadPoolExecutor(5) as pool:
            jobs = [pool.submit(do, caller, each, "slow 0.5") for each in recordings(tmp_path, 5)]
            wait_until(lambda: any(status.running for status in engine.statuses()))
            os.kill(engine.process.pid, signal.SIGHUP)
            texts = [job.result() for job in jobs]
        assert [text for text, _notes in texts] == ["hello there."] * 5
        assert engine.statuses()[0].process != before

    def test_an_engine_that_is_stopped_finishes_what_it_has_begun(self, home, caller, recording):
        """The rest is done without it."""
        server = EngineServer(home)
        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(do, caller, recording, "slow 1")
            wait_until(
                lambda: any(
                    "recognise" in name for status in server.statuses() for name in status.running
                )
            )
            server.stop()
            assert job.result()[0] == "hello there."
        assert list((home / "engines").glob("*.sock")) == []

    def test_it_ends_with_its_supervisor(self, home):
        """Whatever becomes of that."""
        server = EngineServer(home)
        process = server.statuses()[0].process
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not _lives(process))

    def test_stopping_a_job_stops_its_work_in_the_engine(self, engine, caller, recording):
        """Its seat is free at once."""
        stop = threading.Event()
        threading.Timer(1.0, stop.set).start()
        with pytest.raises(Cancelled):
            do(caller, recording, "slow 60", stop)
        wait_until(lambda: engine.statuses()[0].running == (), 10.0)

    def test_a_job_cancelled_from_another_process_stops_in_the_engine(
        self, engine, caller, recording, monkeypatch
    ):
        """The request lies in the job's row; whoever waits for the engine sees it."""
        monkeypatch.setattr("trax.work.hold.HEARTBEAT", 0.1)

        def cancel():
            wait_until(lambda: any(status.running for status in engine.statuses()))
            (job,) = caller.jobs.newest()
            caller.jobs.cancel(job.id)

        asking = threading.Thread(target=cancel)
        asking.start()
        with pytest.raises(Cancelled):
            do(caller, recording, "slow 60")
        asking.join()
        wait_until(lambda: engine.statuses()[0].running == (), 10.0)
        assert caller.jobs.newest()[0].status == "cancelled"


def engine_process(engine):
    """The process that the supervisor started last."""
    threads = Path(f"/proc/{engine.process.pid}/task").glob("*/children")
    return max(int(child) for each in threads for child in each.read_text().split())


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class TestLosses:
    """Whose fault it is that an engine went away."""

    def losses(self, *causes, running=True):
        counted = Losses("diarize")
        for cause in causes:
            counted.add("cpu", cause, running=running)
        return counted

    def test_two_crashes_are_the_stages(self):
        """The second one happened while nothing ran beside it."""
        assert self.losses("crashed").must_be_alone
        with pytest.raises(EngineError, match="diarize brought the engine cpu down twice"):
            self.losses("crashed", "crashed")

    @pytest.mark.parametrize("cause", ["asked", "stuck", "killed", None])
    def test_what_others_did_is_not(self, cause):
        """Two of them are enough to do without an engine."""
        counted = self.losses(cause)
        assert not counted.too_many
        assert not counted.must_be_alone
        assert self.losses(cause, cause).too_many

    def test_want_of_memory_counts_once_the_stage_was_alone(self):
        """Before, whoever ran beside may have used it up."""
        assert not self.losses("memory").is_risky
        assert self.losses("memory", "memory").is_risky
        with pytest.raises(EngineError, match="want of memory"):
            self.losses("memory", "memory", "memory")

    @pytest.mark.parametrize("other", ["asked", "stuck", "killed", None])
    def test_a_stage_that_crashed_an_engine_is_left_to_engines(self, other):
        """However often others take them away; not for ever."""
        counted = self.losses("crashed", other, other, other)
        assert counted.is_risky
        assert not counted.too_many
        assert self.losses("crashed", *[other] * 9).too_many

    def test_what_only_waited_has_no_part_in_it(self):
        """It comes again, ten times."""
        assert not self.losses(*["crashed"] * 9, running=False).too_many
        assert self.losses(*["crashed"] * 10, running=False).too_many


class TestEnds:
    @pytest.mark.parametrize(
        ("code", "memory_kills", "cause"),
        [
            (0, 0, "asked"),
            (-signal.SIGTERM, 0, "asked"),
            (-signal.SIGHUP, 0, "asked"),
            (-signal.SIGKILL, 0, "killed"),
            (-signal.SIGKILL, 1, "memory"),
            (-signal.SIGKILL, None, "memory"),
            (-signal.SIGSEGV, 0, "crashed"),
            (-signal.SIGABRT, 2, "crashed"),
            (1, 0, "crashed"),
        ],
    )
    def test_the_exit_code_says_who_it_was(self, code, memory_kills, cause):
        """With what the system says of its memory."""
        assert told_by_code(code, memory_kills) == cause

    def test_the_newest_are_kept(self, tmp_path):
        """A file that is missing or damaged says nothing."""
        path = tmp_path / "cpu.ends"
        assert cause_of(path, 1) is None
        for process in range(1, 40):
            note_end(path, process, "stuck")
        assert cause_of(path, 1) is None
        assert cause_of(path, 39) == "stuck"
        path.write_text("{")
        assert cause_of(path, 39) is None
