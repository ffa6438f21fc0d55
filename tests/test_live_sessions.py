"""Live sessions: sound in, events out, and nothing lost."""

import math
import os
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from trax.audio import SAMPLE_RATE, Waveform
from trax.errors import Busy, EngineError, InvalidDocument, InvalidOption, NotFound
from trax.hardware import give_way
from trax.live.events import Corrected, Named, Noted, Said, Spoken, Vocabulary, decision_from
from trax.live.keeping import Header, Kept
from trax.live.options import LiveOptions, SoundFormat
from trax.live.pace import Pace
from trax.live.session import LiveSession
from trax.live.speakers import LiveSpeakers, matched
from trax.live.supply import MOST
from trax.settings import Settings
from trax.testing.levels import WORD, WORDS, LevelDecoder, pcm, spoken, talks
from trax.transcript import Diarization, Turn, Word


class Clock:
    """Time that passes when told."""

    now = 0.0

    def __call__(self):
        return self.now


class Turns:
    """A diarizer that numbers speakers as it likes."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def feed(self, chunk, progress):
        pass

    def forget(self, before):
        pass

    def result(self, progress):
        turns = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Diarization(turns=turns, exclusive_turns=turns, embeddings={}, engine="turns")


def session_in(folder, decoders=None, speakers=None, clock=None, **options):
    header = Header(id="s1", began=0.0, options=LiveOptions(**options))
    kept = Kept.create(folder, header)
    return open_session(kept, decoders, speakers, clock)


def open_session(kept, decoders=None, speakers=None, clock=None):
    pace = Pace(decoders or [LevelDecoder()])
    return LiveSession(kept, pace, speakers, clock or Clock(), talks)


def settle(session):
    """Do all that is due."""
    while session.advance() == 0.0:
        pass


def hear(session, texts, seconds=0.5):
    data = pcm(spoken(texts))
    size = round(seconds * SAMPLE_RATE) * 2
    for first in range(0, len(data), size):
        session.feed(data[first : first + size])
        settle(session)


def end(session):
    session.end()
    while not session.is_over:
        session.advance()


def texts(session):
    return [word.text for word in session.captions.words.values()]


def test_words_are_committed_with_ids_that_are_their_own(tmp_path):
    """Each once, in order, and none has another's id."""
    session = session_in(tmp_path)
    hear(session, [*WORDS[:10], "", "", WORDS[0]])
    end(session)
    assert texts(session) == [*WORDS[:10], WORDS[0]]
    assert len({word.id for word in session.captions.words.values()}) == 11


def test_committed_words_never_change(tmp_path):
    """Whatever comes later: an event adds words and takes none back."""
    session = session_in(tmp_path)
    seen = []
    with session.listening(lambda numbered: seen.append(numbered.event)):
        hear(session, WORDS[:30])
        end(session)
    said = [word for event in seen if isinstance(event, Said) for word in event.committed]
    assert [word.text for word in said] == list(WORDS[:30])
    assert said == list(session.captions.words.values())


def test_sound_is_on_disk_before_it_is_read(tmp_path):
    """A process that is killed after that has lost nothing."""
    session = session_in(tmp_path)
    data = pcm(spoken(WORDS[:3]))
    session.feed(data)
    assert session.kept.sound().read_bytes() == data


@pytest.mark.parametrize("words", [0, 3, 20])
def test_a_session_goes_on_after_its_process_was_killed(tmp_path, words):
    """With the words that it had, the same numbers of events, and what had not been read yet."""
    first = session_in(tmp_path)
    hear(first, WORDS[:words])
    first.feed(pcm(spoken(WORDS[words : words + 5])))
    before = dict(first.captions.words)
    numbers = first.seq
    first.kept.close()
    again = open_session(Kept.open(tmp_path, "s1"))
    assert again.captions.words == before
    assert again.seq == numbers
    settle(again)
    hear(again, [*WORDS[words + 5 : words + 10]])
    end(again)
    assert texts(again) == list(WORDS[: words + 10])
    starts = [word.start for word in again.captions.words.values()]
    assert starts == pytest.approx([0.4 * at for at in range(words + 10)], abs=0.07)


def test_one_process_at_a_time_works_on_a_session(tmp_path):
    """The other is told, and changes nothing."""
    session = session_in(tmp_path)
    with pytest.raises(Busy):
        Kept.open(tmp_path, "s1")
    session.kept.close()
    Kept.open(tmp_path, "s1").close()


def test_a_journal_whose_last_line_was_cut_is_read(tmp_path):
    """The process was killed while it wrote: the rest counts."""
    session = session_in(tmp_path)
    hear(session, [*WORDS[:6], "", ""])
    with (session.kept.folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"seq": 9, "event": {"ty')
    session.kept.close()
    again = open_session(Kept.open(tmp_path, "s1"))
    assert texts(again) == list(WORDS[:6])
    hear(again, [*WORDS[6:9], "", ""])
    again.kept.close()
    third = open_session(Kept.open(tmp_path, "s1"))
    assert texts(third) == list(WORDS[:9])


def test_listeners_hear_what_they_missed(tmp_path):
    """Everything after the number that they have seen, and what is tentative now."""
    session = session_in(tmp_path)
    hear(session, WORDS[:10])
    seen = []
    with session.listening(seen.append, after=2):
        pass
    assert [numbered.seq for numbered in seen[:-1]] == list(range(3, session.seq + 1))
    assert seen[-1].event.tentative == session.captions.tentative


@pytest.mark.parametrize(
    ("encoding", "rate", "channels"),
    [
        ("s16", 16_000, 1),
        ("s16", 48_000, 2),
        ("f32", 44_100, 1),
        ("mulaw", 8_000, 1),
        ("alaw", 8_000, 2),
    ],
)
def test_sound_of_any_format_is_heard(tmp_path, encoding, rate, channels):
    """In chunks that end anywhere; its length stays."""
    sound = SoundFormat(encoding=encoding, sample_rate=rate, channels=channels)
    session = session_in(tmp_path, sound=sound)
    data = bytes(rate * 2 * sound.frame_bytes)
    session.feed(b"")
    for first in range(0, len(data), 1237):
        session.feed(data[first : first + 1237])
    session.end()
    assert session.duration == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("kind", ["webm", "flac", "ogg"])
def test_containers_are_heard_as_they_come(tmp_path, kind):
    """Not only once they have ended."""
    data = contained(kind)
    session = session_in(tmp_path, sound=SoundFormat(encoding="container"))
    half = len(data) // 2
    for first in range(0, half, 500):
        session.feed(data[first : min(half, first + 500)])
    deadline = time.monotonic() + 60
    while session._supply.decoded < 0.5 and time.monotonic() < deadline:
        settle(session)
        time.sleep(0.02)
    assert session._supply.decoded > 0.5
    session.feed(data[half:])
    end(session)
    assert session.duration == pytest.approx(5.0, abs=0.1)


def contained(kind):
    """Five seconds of noise in a container."""
    import io

    import av

    codec = "flac" if kind == "flac" else "libopus"
    rate = 48_000
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=rate)
        noise = np.random.default_rng(1).normal(0, 3000, (1, rate * 5)).astype(np.int16)
        for first in range(0, rate * 5, 960):
            piece = noise[:, first : first + 960]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), "s16", "mono")
            frame.sample_rate = rate
            frame.pts = first
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def test_what_is_no_sound_is_said_to_be_none(tmp_path):
    """And the session ends all the same."""
    session = session_in(tmp_path, sound=SoundFormat(encoding="container"))
    session.feed(b"This is no sound at all. " * 1000)
    end(session)
    notes = [each.event for each in session.kept.events() if isinstance(each.event, Noted)]
    assert [note.kind for note in notes] == ["problem"]


def test_an_engine_that_fails_is_tried_again(tmp_path):
    """The sound is kept meanwhile, and its words come later."""
    clock = Clock()
    decoder = LevelDecoder(errors=[None, EngineError("it broke"), EngineError("again")])
    session = session_in(tmp_path, [decoder], clock=clock)
    hear(session, WORDS[:8])
    for _try in range(3):
        clock.now += 6
        settle(session)
    end(session)
    assert texts(session) == list(WORDS[:8])
    problems = [each.event.text for each in session.kept.events() if each.event.type == "note"]
    assert problems == ["it broke", "again"]


def test_a_quiet_line_commits_what_was_said(tmp_path):
    """If no sound comes any more nobody waits for more of it."""
    clock = Clock()
    session = session_in(tmp_path, clock=clock)
    hear(session, WORDS[:4])
    assert texts(session) == list(WORDS[:1])
    clock.now += 2
    settle(session)
    assert texts(session) == list(WORDS[:4])


def test_a_reading_that_takes_long_is_no_pause(tmp_path):
    """Half a word is not committed because the machine was busy."""

    class Slow(LevelDecoder):
        def decode(self, windows, options, progress, on_read=None):
            clock.now += 3.0
            return super().decode(windows, options, progress)

    class SlowTurns(Turns):
        def feed(self, chunk, progress):
            clock.now += 3.0

    clock = Clock()
    speakers = LiveSpeakers(SlowTurns((Turn(0.0, 9.0, "S"),)))
    session = session_in(tmp_path, [Slow(cut="half")], speakers, clock)
    hear(session, WORDS[:9], 1.0)
    assert "half" not in texts(session)


def test_a_slow_machine_reads_less_often_then_with_a_smaller_model_and_says_so():
    """In that order; and says that it has caught up."""
    large, small = LevelDecoder(name="large"), LevelDecoder(name="small")
    pace = Pace([large, small])
    notes = [note.kind for _time in range(5) for note in pace.took(1.3)]
    assert (notes, pace.decoder) == (["slow"], large)
    assert pace.step == pytest.approx(1.69)
    notes = [note.kind for _time in range(9) for note in pace.took(4.0)]
    assert ("smaller_model" in notes, pace.decoder) == (True, small)
    notes = [note.kind for _time in range(20) for note in pace.took(0.1)]
    assert (notes, pace.step) == (["caught_up"], 0.5)


def test_a_machine_that_is_far_too_slow_drops_no_sound(tmp_path):
    """It reads all of it, later."""

    class Slow(LevelDecoder):
        def decode(self, windows, options, progress, on_read=None):
            clock.now += 5.0
            return super().decode(windows, options, progress)

    clock = Clock()
    session = session_in(tmp_path, [Slow()], clock=clock)
    hear(session, WORDS)
    end(session)
    assert texts(session) == list(WORDS)


def test_sound_that_waits_does_not_fill_the_memory(tmp_path):
    """It waits on the disk; people are told that captions are behind, and when that is over."""
    kinds = []
    session = session_in(tmp_path, speakers=LiveSpeakers(Turns((Turn(0, 999, "S"),))))
    said = [*WORDS[:50], "", ""] * 20
    session.feed(pcm(spoken(said)))
    assert session.behind == pytest.approx(len(said) * WORD, abs=0.1)
    most = 0.0
    reader = session._hearing._reader
    with session.listening(lambda numbered: kinds.append(getattr(numbered.event, "kind", ""))):
        while session.advance() == 0.0:
            waiting = session._hearing.waiting
            most = max(most, waiting + reader.now - reader._window.begin)
        end(session)
    assert most < 2 * MOST + 30
    assert texts(session) == [text for text in said if text]
    assert [kind for kind in kinds if kind] == ["behind", "caught_up"]


def test_a_diarizer_that_fails_does_not_hold_up_captions(tmp_path):
    """It is given up after a few failures; words go on without speakers."""

    class Broken(Turns):
        def feed(self, chunk, progress):
            raise EngineError("no network")

    clock = Clock()
    session = session_in(tmp_path, speakers=LiveSpeakers(Broken(())), clock=clock)
    session.feed(pcm(spoken([*WORDS[:50], "", ""] * 5)))
    for _time in range(9):
        settle(session)
        clock.now += 6
    assert len(session.captions.words) == 250
    notes = [each.event.text for each in session.kept.events() if each.event.type == "note"]
    assert notes.count("no network") == 3
    assert "speakers can no longer be told apart" in notes


class People(Turns):
    """A diarizer that knows no label of before, but how people sound."""

    def __init__(self, *turns):
        super().__init__(turns)
        self.forgotten = 0.0
        self.offset = 0.0

    def forget(self, before):
        self.forgotten = before

    def result(self, progress):
        first = self.forgotten
        heard = [t for t in self.answers[0] if t.end > first + self.offset]
        labels = {t.speaker: f"S{n}" for n, t in enumerate(heard[::-1])}
        turns = tuple(
            Turn(max(first, t.start - self.offset), t.end - self.offset, labels[t.speaker])
            for t in heard
        )
        voices = {
            label: tuple(float(who == each) for each in "ABC") for who, label in labels.items()
        }
        return Diarization(
            turns=turns, exclusive_turns=turns, embeddings=voices, engine="e", voice_model="m"
        )


def words_of(*turns):
    """A word a second."""
    found = []
    for turn in turns:
        seconds = range(int(turn.start), int(turn.end))
        found.extend(Word(at + 0.1, at + 0.9, "w", id=f"{at}") for at in seconds)
    return found


def silence(seconds):
    return Waveform(np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32), SAMPLE_RATE)


def test_who_returns_after_a_long_time_is_known_by_voice():
    """Though what they said before is forgotten."""
    turns = (Turn(0, 20, "A"), Turn(20, 700, "B"), Turn(700, 720, "A"), Turn(720, 740, "C"))
    speakers = LiveSpeakers(People(*turns))
    told = {}
    for second in range(0, 740, 10):
        speakers.hear(silence(10))
        told |= speakers.tell([w for w in words_of(*turns) if w.end < second + 10])[0]
    assert speakers.session.forgotten == 440
    assert told["5"] == told["705"] == "SPEAKER_00"
    assert (told["500"], told["735"]) == ("SPEAKER_01", "SPEAKER_02")


def test_speakers_stay_who_they_are_after_a_restart(tmp_path):
    """Whoever spoke just before by what they said, others by voice; new ones get new labels."""
    turns = (Turn(0, 20, "A"), Turn(20, 100, "B"))
    kept = Kept.create(tmp_path, Header(id="s1", began=0.0, options=LiveOptions()))
    before = LiveSpeakers(People(*turns))
    before.hear(silence(100))
    words = words_of(*turns)
    labels, _names = before.tell(words)
    kept.keep_voices(before.voices)
    later = (*turns, Turn(100, 110, "C"), Turn(110, 120, "A"))
    after = LiveSpeakers(People(*later))
    after.go_on([replace(word, speaker=labels[word.id]) for word in words], {}, kept.voices())
    after.session.offset = after.begin
    assert after.begin > 20
    after.hear(silence(120 - after.begin))
    changes, _names = after.tell(words_of(*later))
    assert changes["115"] == labels["5"]
    assert changes["105"] not in labels.values()
    assert changes.keys().isdisjoint(labels)


def test_speakers_keep_their_labels(tmp_path):
    """However the diarizer numbers them from one answer to the next."""
    early = (Turn(0.0, 2.0, "SPEAKER_00"), Turn(2.0, 4.0, "SPEAKER_01"))
    late = (
        Turn(0.0, 0.4, "SPEAKER_00"),
        Turn(0.4, 2.0, "SPEAKER_02"),
        Turn(2.0, 4.0, "SPEAKER_00"),
        Turn(4.0, 6.0, "SPEAKER_01"),
    )
    speakers = LiveSpeakers(Turns(early, late))
    session = session_in(tmp_path, speakers=speakers)
    session._telling._speakers._seconds = 9.0
    hear(session, [*WORDS[:10], "", ""], 5.0)
    first = [word.speaker for word in session.captions.words.values()]
    assert first == ["SPEAKER_00"] * 5 + ["SPEAKER_01"] * 5
    seen = []
    session._clock.now += 60
    with session.listening(lambda numbered: seen.append(numbered.event), session.seq):
        hear(session, [*WORDS[10:14], "", ""], 5.0)
    labels = [word.speaker for word in session.captions.words.values()]
    assert labels[:10] == ["SPEAKER_01", *first[1:]]
    assert labels[10:] == ["SPEAKER_02"] * 4
    changes = [event.words for event in seen if isinstance(event, Spoken)]
    assert len(changes) == 1
    assert len(changes[0]) == 5


def test_a_speaker_goes_on_as_whom_they_share_most_time_with():
    """Each former speaker as one at most."""
    former = [Turn(0, 4, "A"), Turn(4, 6, "B")]
    turns = [Turn(0, 3, "x"), Turn(3, 5, "y"), Turn(5, 6, "z")]
    assert matched(["x", "y", "z"], turns, ["A", "B"], former) in (
        {"x": "A", "y": "B"},
        {"x": "A", "z": "B"},
    )


def test_people_correct_and_name_while_it_runs(tmp_path):
    """What they decide is kept with the words."""
    session = session_in(tmp_path, speakers=LiveSpeakers(Turns((Turn(0, 9, "S"),))))
    session._telling._speakers._seconds = 9.0
    hear(session, [*WORDS[:5], "", ""], 5.0)
    word = next(iter(session.captions.words))
    session.decide(Corrected(word=word, text="Cintra"))
    session.decide(Named(speaker="SPEAKER_00", name="Anna"))
    session.kept.close()
    again = open_session(Kept.open(tmp_path, "s1"))
    assert again.captions.text_of(again.captions.words[word]) == "Cintra"
    assert again.captions.name_of("SPEAKER_00") == "Anna"
    with pytest.raises(NotFound):
        session.decide(Corrected(word="none", text="x"))
    with pytest.raises(NotFound):
        session.decide(Named(speaker="none", name="x"))


def test_decisions_that_make_no_sense_are_refused():
    """In one sentence."""
    garbage = (
        {"type": "correct"},
        {"type": "end"},
        [],
        {"type": "mark", "at": -1},
        {"type": "mark", "at": math.inf},  # which no journal could hold
        {"type": "assign", "words": [], "speaker": ""},
        {"type": "vocabulary", "hotwords": ["x" * 1000]},
    )
    for raw in garbage:
        with pytest.raises(InvalidDocument):
            decision_from(raw)


def test_new_vocabulary_is_used_and_kept(tmp_path):
    """Also by a session that goes on."""
    decoder = LevelDecoder()
    session = session_in(tmp_path, [decoder])
    session.decide(Vocabulary(hotwords=("Cintra",)))
    hear(session, WORDS[:3])
    assert decoder.read[-1].hotwords == "Cintra"
    other = LevelDecoder()
    session.kept.close()
    hear(open_session(Kept.open(tmp_path, "s1"), [other]), WORDS[3:6])
    assert other.read[-1].hotwords == "Cintra"


def test_nothing_is_taken_after_the_end(tmp_path):
    """Whoever sends more is told."""
    session = session_in(tmp_path)
    end(session)
    with pytest.raises(InvalidOption):
        session.feed(b"")


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own")
def test_batch_work_gives_way_to_captions():
    """The thread that does a job is nicer than the one that captions, and no other is."""
    found = []

    def work():
        give_way()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0] >= 10
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_session_is_deserted_once_its_last_client_has_left(tmp_path, monkeypatch):
    """A line that was cut is noticed late, when its client has come back over another one."""
    from trax.service import live_sessions
    from trax.service.live_sessions import LiveRoom
    from trax.testing.engine_server import scripted_workspace

    monkeypatch.setattr(live_sessions, "AWAY", 0.0)
    workspace = scripted_workspace(tmp_path)
    room = LiveRoom(workspace, Settings(home=tmp_path), lambda session: None, talks)
    session = room.begin(LiveOptions(speakers=False))
    running = room.here(session.id)
    room.came(session.id)
    room.came(session.id)
    room.left(session.id)
    room.end_deserted()
    assert not running.wait(0.3)
    room.left(session.id)
    time.sleep(0.01)
    room.end_deserted()
    assert running.wait(60)
