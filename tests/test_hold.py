"""The hold on a job: what happens is kept, and requests to cancel reach whoever works on it."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from trax.errors import Cancelled, EngineError, InvalidOption, NotFound, StoreUnavailable
from trax.pipelines.transcribe import TRANSCRIBE, identify, transcribe
from trax.progress import Noted, NowAndThen, Started, report, reporting
from trax.service.jobs import cancel, follow
from trax.stages.options import TranscribeOptions
from trax.store import JobEvent, JobStatus, Renewal
from trax.testing import Recorder
from trax.testing.waiting import wait_until
from trax.work import hold as hold_module
from trax.work.hold import holding, take

OPTIONS = TranscribeOptions(formats=("txt",))


@pytest.fixture(autouse=True)
def _quick_heart(monkeypatch):
    monkeypatch.setattr(hold_module, "HEARTBEAT", 0.05)


class TestEvents:
    def test_what_happens_is_kept_for_whoever_looks(self, workspace, recording):
        """Each stage's beginning and end, in order, with how it went."""
        result = transcribe(workspace, recording, OPTIONS)
        events = workspace.jobs.events(result.job_id)
        assert next(event.text for event in events if event.kind == "started") == "ingest"
        finished = [event.text for event in events if event.kind == "finished"]
        assert {text.partition(":")[0] for text in finished} == set(TRANSCRIBE.names)
        assert events == sorted(events, key=lambda event: event.id)
        assert {event.attempt for event in events} == {1}

    def test_a_failure_and_what_was_noted_are_kept(self, workspace, recording, engines, impatient):
        """With why, in one line."""
        engines.recognise_errors = [StoreUnavailable("the store\nis away"), EngineError("broken")]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        (job,) = workspace.jobs.newest()
        events = workspace.jobs.events(job.id)
        failed = [event.text for event in events if event.kind == "failed"]
        assert failed[:2] == ["recognise: the store is away", "recognise: broken"]
        assert any("trying again in" in event.text for event in events if event.kind == "noted")

    def test_only_newer_events_are_given(self, workspace, recording):
        """So that a follower asks for what it has not seen."""
        job_id = transcribe(workspace, recording, OPTIONS).job_id
        events = workspace.jobs.events(job_id)
        assert workspace.jobs.events(job_id, after=events[2].id) == events[3:]
        assert workspace.jobs.events(job_id, after=events[-1].id) == []

    def test_a_second_attempt_has_its_number(self, workspace, recording, engines):
        """The first one's events stay."""
        engines.diarize_errors = [EngineError("broken")]
        with pytest.raises(EngineError):
            transcribe(workspace, recording, OPTIONS)
        job_id = transcribe(workspace, recording, OPTIONS).job_id
        assert {event.attempt for event in workspace.jobs.events(job_id)} == {1, 2}

    def test_events_pass_to_the_reporter_outside(self, workspace, recording):
        """The hold listens, it does not swallow."""
        recorder = Recorder()
        job = identify(workspace, recording, OPTIONS)
        with reporting(recorder), holding(workspace, job):
            report(Started("ingest"))
            report(Noted("a wait"))
        assert recorder.started == ["ingest"]
        assert recorder.notes == ["a wait"]

    def test_a_database_that_is_away_gets_events_later(self, workspace, recording, monkeypatch):
        """In the order in which they happened; nothing is lost, nothing twice."""
        job = identify(workspace, recording, OPTIONS)
        jobs_of = type(workspace.jobs)
        kept, away = jobs_of.add_events, [True]

        def add_events(self, job_id, events):
            if away:
                raise StoreUnavailable("away")
            kept(self, job_id, events)

        monkeypatch.setattr(jobs_of, "add_events", add_events)
        with holding(workspace, job):
            for number in range(3):
                report(Noted(f"note {number}"))
            time.sleep(0.2)
            away.clear()
        texts = [event.text for event in workspace.jobs.events(job.id)]
        assert texts == ["note 0", "note 1", "note 2", "completed"]


class TestWaiting:
    def test_whoever_waits_says_for_whom(self, workspace, recording, monkeypatch):
        """At once, and now and then; whoever follows the job learns of it once."""
        monkeypatch.setattr(hold_module, "_REMINDER", 0.5)
        job = identify(workspace, recording, OPTIONS)
        first = take(workspace, job, "run-1")
        first(Started("diarize"))
        recorder, stop = Recorder(), threading.Event()
        threading.Timer(1.8, stop.set).start()
        began = time.monotonic()
        with pytest.raises(Cancelled), reporting(Noting(recorder, began), stop):
            take(workspace, job)
        first.end()
        who = f"another process (process {os.getpid()} on {socket.gethostname()} for run run-1)"
        assert 2 <= len(recorder.notes) <= 4
        assert all(note.startswith(who) for note in recorder.notes)
        assert "now at diarize (0%)" in recorder.notes[-1]
        assert recorder.first < 0.5
        texts = [event.text for event in workspace.jobs.events(job.id)]
        assert len([text for text in texts if text.endswith("waits for this")]) == 1

    def test_a_wait_is_said_when_it_changes_and_not_too_often(self, monkeypatch):
        """Once at once; the newest after some seconds; what stays the same as a reminder."""
        clock = [1000.0]
        monkeypatch.setattr("trax.progress.time.monotonic", lambda: clock[0])
        say, recorder = NowAndThen(least=5.0, most=30.0), Recorder()
        with reporting(recorder):
            for ahead in (9, 8, 7, 8, 7, 6):
                say(f"behind {ahead}")
            clock[0] += 5.0
            say("behind 6")
            for _ in range(70):
                clock[0] += 1.0
                say("behind 6")
        assert recorder.notes == ["behind 9", *["behind 6"] * 3]


class Noting:
    """Passes events on, and remembers when the first one came."""

    def __init__(self, recorder, began):
        self._recorder, self._began = recorder, began

    def __call__(self, event):
        if not self._recorder.events:
            self._recorder.first = time.monotonic() - self._began
        self._recorder(event)


class TestFollowing:
    def test_every_event_once_until_the_job_ends(self, workspace, recording, engines):
        """From another thread's view; the last events too."""
        job = identify(workspace, recording, OPTIONS)
        hold = take(workspace, job)
        seen = []

        def look():
            seen.extend(event.text for event in follow(workspace.jobs, job.id, poll=0.01))

        looking = threading.Thread(target=look)
        looking.start()
        for number in range(5):
            hold(Noted(f"note {number}"))
            time.sleep(0.03)
        hold.end()
        looking.join(timeout=60)
        assert seen == [*(f"note {number}" for number in range(5)), "completed"]

    def test_a_job_that_has_ended_gives_its_events_at_once(self, workspace, recording):
        """As somebody wants who comes late."""
        job_id = transcribe(workspace, recording, OPTIONS).job_id
        assert list(follow(workspace.jobs, job_id[:6])) == workspace.jobs.events(job_id)

    def test_an_unknown_job_is_refused(self, workspace):
        """Before any waiting."""
        with pytest.raises(NotFound):
            next(follow(workspace.jobs, "ffff"))


class TestCancelling:
    def test_a_running_job_stops_at_its_next_step(self, workspace, recording, engines):
        """Whoever asked sits elsewhere; the row carries the request."""
        engines.recognise = _endless
        with pytest.raises(Cancelled):
            self._cancelled_meanwhile(workspace, recording)
        (job,) = workspace.jobs.newest()
        assert job.status is JobStatus.CANCELLED
        assert job.cancel_requested_at is not None
        notes = [event.text for event in workspace.jobs.events(job.id) if event.kind == "noted"]
        assert "the job is being cancelled" in notes

    def test_its_finished_stages_are_kept(self, workspace, recording, engines):
        """Another run takes them, and is not cancelled by the old request."""
        slow, engines.recognise = engines.recognise, _endless
        with pytest.raises(Cancelled):
            self._cancelled_meanwhile(workspace, recording)
        engines.recognise = slow
        result = transcribe(workspace, recording, OPTIONS)
        assert {run.stage for run in result.runs if run.cached} >= {"ingest"}
        assert workspace.jobs.get(result.job_id).status is JobStatus.COMPLETED

    def test_a_job_nobody_works_on_is_cancelled_at_once(self, workspace, recording):
        """Its process died; nobody would see a request."""
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        job = identify(workspace, recording, OPTIONS)
        owner = f"{hold_module.new_owner().split('/')[0]}/{dead.pid}/x"
        workspace.jobs.claim(job.request, owner)
        assert workspace.jobs.cancel(job.id).status is JobStatus.CANCELLED

    def test_what_has_ended_cannot_be_cancelled(self, workspace, recording):
        """One sentence says so; so it does of a job that is not there."""
        job_id = transcribe(workspace, recording, OPTIONS).job_id
        with pytest.raises(InvalidOption, match="has ended already: it is completed"):
            workspace.jobs.cancel(job_id)
        with pytest.raises(NotFound):
            workspace.jobs.cancel("fffff")

    def test_one_unknown_reference_cancels_nothing(self, workspace, recording):
        """All or none."""
        job = identify(workspace, recording, OPTIONS)
        workspace.jobs.claim(job.request, "elsewhere/1/x")
        with pytest.raises(NotFound):
            cancel(workspace.jobs, [job.id, "ffff"])
        assert workspace.jobs.get(job.id).cancel_requested_at is None

    @pytest.mark.slow
    def test_across_processes(self, workspace, recording, tmp_path):
        """The request is written here; the process there ends with the job cancelled."""
        job = identify(workspace, recording, OPTIONS)
        program = Path(__file__).with_name("cancelled_elsewhere.py")
        process = subprocess.Popen(
            [sys.executable, str(program), str(tmp_path), str(recording)], stdout=subprocess.PIPE
        )
        try:
            wait_until(lambda: _is_recognising(workspace, job.id))
            cancel(workspace.jobs, [job.id])
            printed, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        assert json.loads(printed) == "Cancelled"
        assert workspace.jobs.get(job.id).status is JobStatus.CANCELLED

    def test_a_renewal_says_what_was_asked(self, workspace, recording):
        """Held, to be cancelled, or another's."""
        job = identify(workspace, recording, OPTIONS)
        jobs = workspace.jobs
        jobs.claim(job.request, "elsewhere/1/x")
        assert jobs.renew(job.id, "elsewhere/1/x", "ingest", 0.1) is Renewal.HELD
        jobs.cancel(job.id)
        assert jobs.renew(job.id, "elsewhere/1/x", "ingest", 0.2) is Renewal.CANCEL
        assert jobs.renew(job.id, "elsewhere/2/y", "ingest", 0.2) is Renewal.LOST

    def _cancelled_meanwhile(self, workspace, recording):
        job = identify(workspace, recording, OPTIONS)

        def cancel():
            wait_until(lambda: _is_recognising(workspace, job.id))
            workspace.jobs.cancel(job.id)

        asking = threading.Thread(target=cancel)
        asking.start()
        try:
            transcribe(workspace, recording, OPTIONS)
        finally:
            asking.join()


def test_what_is_kept_of_an_event_survives_the_database(workspace, recording):
    """Times with their zone, texts whole."""
    job = identify(workspace, recording, OPTIONS)
    hold = take(workspace, job)
    report_text = "eine Notiz: ü, 会, 😀" * 50
    hold(Noted(report_text))
    hold.end()
    event, end = workspace.jobs.events(job.id)
    assert (end.kind, end.text) == ("ended", "completed")
    assert isinstance(event, JobEvent)
    assert (event.kind, event.text) == ("noted", report_text)
    assert event.at.tzinfo is not None


def _endless(_audio, _options, progress):
    for step in range(100_000):
        time.sleep(0.01)
        progress(min(1.0, step / 1000))
    raise AssertionError("nobody stopped it")


def _is_recognising(workspace, job_id):
    known = workspace.jobs.known([job_id]).get(job_id)
    return known is not None and known.status is JobStatus.RUNNING and known.stage == "recognise"
