"""Live sessions on a bad day: full disks, failing threads, damaged folders, no place for jobs."""

import asyncio
import resource
import time
from dataclasses import replace

import pytest

from trax.audio.probe import Limits
from trax.errors import (
    LimitExceeded,
    NotFound,
    StoreUnavailable,
    TooManyRequests,
)
from trax.live.events import Handed, Marked, Noted
from trax.live.keeping import Header, Kept, events_of, headers
from trax.live.options import LiveOptions
from trax.live.pace import Pace
from trax.live.session import LiveSession
from trax.service import live_sessions
from trax.service.access import ANYBODY
from trax.service.allowances import Allowances
from trax.service.live_service import live_room
from trax.testing.levels import WORDS, LevelDecoder, pcm, spoken, talks
from trax.testing.web_server import scripted_service
from trax.web.bells import Bells
from trax.web.live_socket import followed


@pytest.fixture
def full_disk():
    """Nothing fits any more into files of so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(size_bytes):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))

    yield fill
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAX_HOME", str(tmp_path))
    return scripted_service(tmp_path)


@pytest.fixture
def room(service):
    found = live_room(service)
    yield found
    found.stop()


def session_in(folder, limits=None, **options):
    kept = Kept.create(folder, Header(id="s1", began=0.0, options=LiveOptions(**options)))
    return LiveSession(kept, Pace([LevelDecoder()]), None, time.monotonic, talks, limits)


def test_a_full_disk_costs_no_event_and_no_half_sound(tmp_path, full_disk):
    """Captions go on; what could not be written is written once there is room, line by line."""
    session = session_in(tmp_path)
    session.feed(bytes(32_000))
    session.emit(Noted(kind="problem", text="before"))
    full_disk(33_000)
    with pytest.raises(StoreUnavailable):
        session.feed(bytes(32_000))
    assert session.kept.sound().stat().st_size == session.kept.received == 32_000
    full_disk(100)
    session.emit(Noted(kind="problem", text="meanwhile"))
    assert session.seq == 2
    full_disk(1 << 30)
    session.emit(Marked(at=1.0))
    assert [each.seq for each in events_of(session.kept.folder)] == [1, 2, 3]


def test_a_session_is_no_longer_than_a_recording_may_be(tmp_path):
    """It ends there by itself."""
    session = session_in(tmp_path, Limits(size_bytes=40_000, duration=99.0))
    session.feed(bytes(32_000))
    with pytest.raises(LimitExceeded):
        session.feed(bytes(32_000))
    while not session.is_over:
        session.advance()
    assert session.kept.received == 32_000


def test_a_session_ends_when_its_users_minutes_are_used_up(service):
    """It says so, and becomes a job all the same; the next one is refused. Others go on."""
    room = live_room(replace(service, allowances=Allowances(day_minutes=0.1)))
    other = room.begin(LiveOptions(speakers=False), "ben")
    session = room.begin(LiveOptions(speakers=False), "anna")
    running = room.here(session.id)
    session.feed(pcm(spoken(WORDS[:10])))
    room.end_spent()
    session.feed(pcm(spoken(WORDS[10:20])))
    room.end_spent()
    assert running.wait(60)
    events = [each.event for each in events_of(session.kept.folder)]
    assert [each.type for each in events[-2:]] == ["end", "job"]
    (note,) = [each for each in events if isinstance(each, Noted)]
    assert (note.kind, "0.1 minutes" in note.text) == ("ended", True)
    assert len(session.captions.words) == 20
    assert events[-1].job
    assert room.is_running(other.id)
    other.feed(pcm(spoken(WORDS[:20])))
    with pytest.raises(TooManyRequests):
        room.begin(LiveOptions(speakers=False), "ben")
    room.stop()


def test_a_session_whose_thread_failed_takes_up_no_place(room, monkeypatch):
    """Its client opens it again, with what was received."""
    session = room.begin(LiveOptions(speakers=False))
    session.feed(pcm(spoken(WORDS[:2])))
    running = room.here(session.id)
    monkeypatch.setattr(session, "advance", lambda: 1 / 0)
    assert running.wait(60)
    assert not room.is_running(session.id)
    with pytest.raises(StoreUnavailable):
        session.feed(bytes(2))
    assert room.resume(session.id, ANYBODY).kept.received == session.kept.received


def test_a_session_whose_client_never_came_ends(room, monkeypatch):
    """As one that it has left."""
    monkeypatch.setattr(live_sessions, "AWAY", 0.0)
    session = room.begin(LiveOptions(speakers=False))
    running = room.here(session.id)
    time.sleep(0.01)
    room.end_deserted()
    assert running.wait(60)


def test_a_damaged_session_stops_no_others(room):
    """They are taken up, listed and settled."""
    good = room.begin(LiveOptions(speakers=False))
    room.stop()
    for name, file in (("aa", "session.json"), ("bb", "journal.jsonl")):
        folder = room.home / name
        folder.mkdir()
        header = good.kept.header.model_copy(update={"id": name})
        (folder / "session.json").write_text(header.model_dump_json(), "utf-8")
        (folder / file).write_text("{no JSON\n", "utf-8")
    room.take_up()
    assert room.is_running(good.id)
    assert {each.id for each in headers(room.home)} == {good.id, "bb"}
    with pytest.raises(NotFound):
        room.find("cc", ANYBODY)


def test_a_long_session_can_be_followed_from_its_beginning(tmp_path):
    """However much has happened before somebody came."""
    session = session_in(tmp_path)
    for number in range(3000):
        session.emit(Marked(at=float(number)))
    session.emit(Handed(job="j"))

    async def follow():
        return [each.seq async for each in followed(session, Bells(), 0)]

    assert asyncio.run(follow())[:3000] == list(range(1, 3001))


def test_whoever_looks_at_a_session_sees_one_moment_of_it(tmp_path):
    """More is said while they read."""
    session = session_in(tmp_path)
    session.feed(pcm(spoken([*WORDS[:4], "", ""])))
    while session.advance() == 0.0:
        pass
    shown = session.shown()
    session.feed(pcm(spoken([*WORDS[4:8], "", ""])))
    while session.advance() == 0.0:
        pass
    assert len(shown.words) == 4
    assert len(session.captions.words) == 8
