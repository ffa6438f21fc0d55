"""Voices replaced from one end to the other, by engines that are scripted."""

import numpy as np
import pytest
import soundfile

from trax.audio.provenance import replaced_voices
from trax.errors import EngineError, InvalidOption, NotFound
from trax.pipelines.revoice import report_of, revoice, select
from trax.pipelines.transcribe import transcribe
from trax.service.forgetting import forget_sound
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import Replacement, RevoiceOptions
from trax.store.objects import file_digest
from trax.testing.sounds import encode
from trax.testing.talk import SCRIPT, ScriptedTalk
from trax.voice.selection import Why

OURS = [said for said in SCRIPT if said[2] == "SPEAKER_01"]


@pytest.fixture
def engines():
    return ScriptedTalk(script=SCRIPT)


@pytest.fixture
def talk(engines):
    return engines


@pytest.fixture
def place(workspace):
    return workspace


@pytest.fixture
def recording(tmp_path, talk):
    return talk.write(tmp_path / "talk.wav", 44_100)


def options(voice="high", speaker="Speaker 2", **more):
    return RevoiceOptions(replacements=(Replacement(speaker=speaker, voice=voice),), **more)


def samples(path):
    return soundfile.read(str(path), dtype="int16", always_2d=True)[0]


class TestResult:
    """What comes of a recording."""

    def test_all_but_what_is_replaced_is_the_same_bit_for_bit(self, place, recording):
        """Outside the places of the speaker's words nothing changes, nor does the length."""
        result = revoice(place, recording, options())
        before, after = samples(recording), samples(place.objects.local_path(result.audio))
        assert before.shape == after.shape
        changed = np.flatnonzero((before != after).any(axis=1)) / 44_100
        utterances = report_of(place, result).utterances
        inside = np.zeros(len(changed), bool)
        for row in utterances:
            inside |= (changed > row.original_start - 0.15) & (changed < row.original_end + 0.15)
        assert len(utterances) == 3
        assert inside.all()
        assert len(changed) > 44_100

    def test_the_new_voice_is_heard_in_the_old_one_s_place(self, place, recording):
        """The tone of the new voice is there, and the old one's is much softer."""
        result = revoice(place, recording, options())
        after = samples(place.objects.local_path(result.audio))[:, 0] / 32768
        part = after[round(4.3 * 44_100) : round(6.2 * 44_100)]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
        hertz = np.fft.rfftfreq(len(part), 1 / 44_100)
        new, old = (spectrum[np.abs(hertz - each) < 5].max() for each in (600.0, 330.0))
        assert new > 2 * old

    def test_a_fragment_is_left_and_listed(self, place, recording):
        """One word far from others is not said well: it stays, and the report says so."""
        result = revoice(place, recording, options())
        report = report_of(place, result)
        assert [(each.text, each.why) for each in report.left] == [("yes", Why.SHORT)]


class TestAgain:
    """What is kept is not made again."""

    def test_the_same_again_calls_no_engine(self, place, talk, recording):
        """Every stage has its result kept."""
        revoice(place, recording, options())
        said, calls = len(talk.voices.said), len(talk.calls)
        result = revoice(place, recording, options())
        assert all(run.cached for run in result.runs)
        assert (len(talk.voices.said), len(talk.calls)) == (said, calls)

    def test_one_sentence_changed_is_one_utterance_made_again(self, place, talk, recording):
        """The others' takes are kept, and so is what was understood of them."""
        chosen = select(place, recording, options())
        revoice(place, recording, options())
        said, hearings = len(talk.voices.said), talk.hearings
        new = "we have so much to say"
        talk.edited = {OURS[1][3]: new}
        changed = options(texts={chosen.utterances[1].id: new})
        report = report_of(place, revoice(place, recording, changed))
        assert {text for text, _, _ in talk.voices.said[said:]} == {new}
        assert talk.hearings == hearings + 1
        assert report.utterances[1].text == new

    def test_a_transcription_s_results_are_shared(self, place, talk, recording):
        """Whoever transcribed a recording with the same options waits for neither engine again."""
        transcribe(place, recording, TranscribeOptions())
        calls = list(talk.calls)
        revoice(place, recording, options())
        assert talk.calls == calls


class TestCheck:
    """What is not understood is said in another way, and never used in silence."""

    def test_what_is_misheard_once_is_said_again(self, place, talk, recording):
        """The second take is used, and the report says how many there were."""
        text = OURS[0][3]
        talk.mishears = {text: ["it was a treasure to hear"]}
        report = report_of(place, revoice(place, recording, options()))
        assert (report.utterances[0].attempts, report.utterances[0].errors) == (2, 0)

    def test_what_is_never_understood_is_left_and_listed(self, place, talk, recording):
        """The original words stay."""
        text = OURS[0][3]
        talk.mishears = {text: ["something else"] * 9}
        result = revoice(place, recording, options())
        left = report_of(place, result).left
        assert (text, Why.WRONG) in [(each.text, each.why) for each in left]
        before, after = samples(recording), samples(place.objects.local_path(result.audio))
        part = slice(4 * 44_100, round(6.5 * 44_100))
        assert (before[part] == after[part]).all()

    def test_or_it_is_silent_by_choice(self, place, talk, recording):
        """Whoever must not be recognised is not heard where nothing could be said either."""
        text = OURS[0][3]
        talk.mishears = {text: ["something else"] * 9}
        result = revoice(place, recording, options(unspoken="silence"))
        after = samples(place.objects.local_path(result.audio))[:, 0] / 32768
        before = samples(recording)[:, 0] / 32768
        part = slice(round(4.2 * 44_100), round(6.3 * 44_100))
        assert np.abs(after[part]).max() < 0.4 * np.abs(before[part]).max()


class TestFilm:
    """A video."""

    def test_its_picture_is_kept(self, place, talk, tmp_path):
        """And the new sound is in it."""
        path = encode(tmp_path / "film.mp4", talk.sound(44_100), 44_100, video=True)
        result = revoice(place, path, options())
        assert result.video is not None
        assert replaced_voices(place.objects.local_path(result.video))


class TestSelection:
    """What is said again is known before."""

    def test_nothing_is_said_before_it_was_looked_at(self, place, talk, recording):
        """The selection lists the utterances, and no voice engine works for it."""
        chosen = select(place, recording, options())
        assert [each.text for each in chosen.utterances] == [said[3] for said in OURS[:3]]
        assert talk.voices.said == []

    def test_a_language_that_the_voice_does_not_speak_is_refused(self, place, talk, recording):
        """Before voices are taken out of hours of sound."""
        talk.voices.languages = frozenset({"de"})
        with pytest.raises(InvalidOption, match="speaks German, not English"):
            select(place, recording, options())

    def test_an_unknown_speaker_is_named_with_those_there_are(self, place, recording):
        """For whoever mistyped it."""
        with pytest.raises(NotFound, match="Speaker 1, Speaker 2"):
            select(place, recording, options(speaker="Speaker 7"))

    def test_a_text_for_an_unknown_utterance_is_refused(self, place, recording):
        """The file may belong to another recording."""
        with pytest.raises(InvalidOption, match="'abc'"):
            select(place, recording, options(texts={"abc": "hello"}))


def test_an_engine_that_fails_leaves_what_was_said(place, talk, recording):
    """The next run goes on with the utterance at which it failed."""
    talk.voices.errors = [None, None, None, EngineError("out of memory")]
    with pytest.raises(EngineError):
        revoice(place, recording, options())
    said = len(talk.voices.said)
    revoice(place, recording, options())
    first = {text for text, _, _ in talk.voices.said[:said]}
    assert OURS[0][3] in first
    assert OURS[0][3] not in {text for text, _, _ in talk.voices.said[said:]}


def test_a_recording_whose_sound_is_forgotten_leaves_no_voice(place, recording):
    """Neither those that were taken out of it, nor what came of it; its transcript stays."""
    revoice(place, recording, options())
    kept = place.recordings.get(file_digest(recording))
    assert any(each.key.endswith("/voice.flac") for each in place.objects.list("checkpoints/"))
    forget_sound(place, kept)
    left = [each.key for each in place.objects.list("") if not each.key.endswith(".json")]
    assert left == []
