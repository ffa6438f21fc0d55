"""Live sessions when they have ended: handed over, discarded, forgotten."""

from dataclasses import replace

import numpy as np
import pytest

from trax.errors import (
    Busy,
    InvalidOption,
    NotFound,
    TooManyRequests,
)
from trax.live.events import Became, Handed
from trax.live.keeping import Header, Kept, events_of
from trax.live.options import LiveOptions, SoundFormat
from trax.service import live_service
from trax.service.access import ANYBODY
from trax.service.allowances import Allowances
from trax.service.forgetting import forget_sound
from trax.service.live_endings import recording
from trax.service.live_service import DONE, Settling, forget_recording, live_room
from trax.store import JobRepository, JobStatus
from trax.testing.levels import WORDS, pcm, spoken
from trax.testing.web_server import scripted_service


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAX_HOME", str(tmp_path))
    return scripted_service(tmp_path)


@pytest.fixture
def room(service):
    found = live_room(service)
    yield found
    found.stop()


def ended(room, texts=WORDS[:6], account=""):
    """A session that has heard *texts*, and ended."""
    session = room.begin(LiveOptions(speakers=False), account)
    running = room.here(session.id)
    session.feed(pcm(spoken(texts)))
    session.end()
    assert running.wait(60)
    return session


def test_a_recording_that_found_no_place_is_not_lost(room, service, monkeypatch):
    """It is handed over again later, and its sound is kept until then, and no longer."""

    def refuse(*_arguments, **_more):
        raise TooManyRequests("no more jobs", 60)

    monkeypatch.setattr("trax.service.live_service.submit", refuse)
    session = ended(room)
    sound = session.kept.sound()
    settling = Settling(service, room)
    settling.settle()
    assert sound.exists()
    assert not (sound.parent / DONE).exists()
    monkeypatch.undo()
    Settling(service, room).settle()
    handed = [each.event for each in events_of(sound.parent)][-1]
    assert isinstance(handed, Handed)
    assert service.workspace.jobs.known([handed.job])[handed.job].status is JobStatus.QUEUED
    settling = Settling(service, room)
    settling.settle()
    assert not sound.exists()
    assert not (sound.parent / DONE).exists()


def test_words_go_with_the_job_that_was_to_read_their_sound(room, service, monkeypatch):
    """A session whose job was forgotten is forgotten, too."""
    session = ended(room)
    folder = session.kept.folder
    settling = Settling(service, room)
    settling.settle()
    assert not (folder / DONE).exists()
    monkeypatch.setattr(JobRepository, "known", lambda _self, _ids: {})
    settling.settle()
    assert (folder / DONE).exists()


def test_a_session_that_is_discarded_leaves_nothing(room, service):
    """Whether it runs or has ended; whoever listens hears of it, and no job is made of it."""
    session = room.begin(LiveOptions(speakers=False))
    session.feed(pcm(spoken(WORDS[:6])))
    events = []
    with session.listening(lambda numbered: events.append(numbered.event)):
        room.discard(session.id, ANYBODY)
    assert [each.type for each in events][-2:] == ["note", "job"]
    assert not session.kept.folder.exists()
    with pytest.raises(InvalidOption):
        session.feed(bytes(2))
    with pytest.raises(NotFound):
        room.resume(session.id, ANYBODY)
    assert service.workspace.jobs.recordings_in_work() == set()
    other = ended(room)
    room.discard(other.id, ANYBODY)
    assert not other.kept.folder.exists()


def test_what_was_discarded_when_a_service_died_is_removed(room, service):
    """No recording is made of it by the next."""
    session = room.begin(LiveOptions(speakers=False))
    session.feed(pcm(spoken(WORDS[:6])))
    session.discard()
    room.stop()
    assert session.kept.folder.exists()
    room.take_up()
    Settling(service, room).settle()
    assert not session.kept.folder.exists()
    assert service.workspace.jobs.recordings_in_work() == set()


def test_a_session_is_not_discarded_under_another_process(room, tmp_path):
    """Whoever asks is told to ask again."""
    header = Header(id="aa", began=0.0, options=LiveOptions())
    kept = Kept.create(room.home, header)
    with pytest.raises(Busy):
        room.discard("aa", ANYBODY)
    assert kept.folder.exists()


def test_what_a_session_kept_goes_with_its_recording(room, service):
    """Its sound at once; its words once what people decided was carried over."""
    session = ended(room)
    session.kept.keep_voices({})
    folder = session.kept.folder
    (job,) = [each.event.job for each in events_of(folder) if isinstance(each.event, Handed)]
    sha256 = service.workspace.jobs.known([job])[job].recording_sha256
    assert forget_recording(service, room.home, "0" * 64) == []
    assert folder.exists()
    assert forget_recording(service, room.home, sha256) == [session.id]
    assert not folder.exists()


def test_what_a_session_kept_goes_with_its_recording_wherever_it_is_forgotten(room, service):
    """Another service was told: this one drops its own on its next tidying."""
    session = ended(room)
    damaged = room.home / "bb"
    damaged.mkdir()
    header = session.kept.header.model_copy(update={"id": "bb"})
    (damaged / "session.json").write_text(header.model_dump_json(), "utf-8")
    (damaged / "journal.jsonl").write_text("{no JSON\n", "utf-8")
    workspace = service.workspace
    (job,) = [each.event.job for each in events_of(session.kept.folder) if each.event.type == "job"]
    settling = Settling(service, room)
    settling.settle()
    assert session.kept.folder.exists()
    sha256 = workspace.jobs.known([job])[job].recording_sha256
    workspace.jobs.cancel(job)
    forget_sound(workspace, workspace.recordings.get(sha256))
    assert session.kept.folder.exists()
    Settling(service, room).settle()
    assert not session.kept.folder.exists()


def test_sound_whose_owner_may_have_no_more_jobs_is_not_encoded(service, monkeypatch):
    """It waits as it came: it is asked for each minute. Once there is room it becomes a job."""
    encoded = []
    monkeypatch.setattr(
        live_service,
        "recording",
        lambda *arguments: encoded.append(arguments) or recording(*arguments),
    )
    few = replace(service, allowances=Allowances(jobs=1))
    room = live_room(few)
    sessions = [ended(room, words, "anna") for words in (WORDS[:4], WORDS[4:8])]
    assert len(encoded) == 1
    Settling(few, room).settle()
    assert len(encoded) == 1
    assert sessions[1].kept.sound().exists()
    first, second = (list(events_of(each.kept.folder))[-1].event for each in sessions)
    assert (bool(first.job), second.job) == (True, "")
    service.workspace.jobs.cancel(first.job)
    Settling(few, room).settle()
    assert len(encoded) == 2
    assert list(events_of(sessions[1].kept.folder))[-1].event.job


def test_decisions_are_carried_over_before_words_are_forgotten(room, service, monkeypatch):
    """The transcript stays, and what people decided belongs to it."""
    session = ended(room)
    folder = session.kept.folder
    (job,) = [each.event.job for each in events_of(folder) if isinstance(each.event, Handed)]
    known = service.workspace.jobs.known([job])[job]
    done = replace(known, status=JobStatus.COMPLETED, transcript_id="t")
    monkeypatch.setattr(JobRepository, "known", lambda _self, _ids: {job: done})
    forget_recording(service, room.home, known.recording_sha256)
    assert not session.kept.sound().exists()
    assert (folder / "journal.jsonl").exists()
    carried = Became(transcript="t", words={})
    monkeypatch.setattr(live_service, "_carried", lambda *_arguments: carried)
    Settling(service, room).settle()
    assert not folder.exists()


@pytest.mark.parametrize("encoding", ["s16", "mulaw"])
def test_sound_that_ends_within_a_moment_is_a_recording(service, tmp_path, encoding):
    """What is left over of its last block is no sound."""
    sound = SoundFormat(encoding=encoding, channels=2, sample_rate=8000)
    header = Header(id="s1", began=0.0, options=LiveOptions(sound=sound))
    kept = Kept.create(tmp_path / "live", header)
    kept.add_sound(np.zeros((840 << 7) + 1, dtype=np.uint8).tobytes())
    assert recording(service.workspace, kept, "live") is not None
