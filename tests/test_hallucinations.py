"""Nothing is invented; what was is taken out into a report, and can be put back."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from trax.asr import RecognitionOptions
from trax.asr.echo import echo_runs, find_echo
from trax.asr.evidence import Evidence, WordHypothesis
from trax.asr.hallucinations import without_hallucinations
from trax.asr.repeats import compression_ratio, first_repeat, repeats_itself
from trax.audio import StoredAudio, VoiceActivity
from trax.audio.activity import FRAME
from trax.compose import process_workspace
from trax.errors import NotFound
from trax.revision import restored
from trax.testing import applause, hold_tone, music, noise, transcript
from trax.transcript import Reason, Removed, Word, joined_text

SPOKEN = VoiceActivity(np.full(round(20 / FRAME), 0.9, dtype=np.float32), 20.0)


def evidence(no_speech: float = 0.0, mean: float = -0.2) -> Evidence:
    return Evidence(
        probability=0.9,
        mean_log_probability=mean,
        no_speech_probability=no_speech,
        compression_ratio=1.0,
    )


def said(
    text: str, each: float = 0.3, confidence: float = 0.9, **numbers: float
) -> list[WordHypothesis]:
    """Words of *each* seconds, one after the other."""
    return [
        WordHypothesis(at * each, (at + 1) * each, word, confidence, evidence=evidence(**numbers))
        for at, word in enumerate(text.split())
    ]


class TestRepeats:
    @pytest.mark.parametrize(
        ("text", "seconds", "suspicious"),
        [
            ("hold on, hold on, hold on, hold on", 5.0, True),
            ("8. The Press Yard 8. The Press Yard", 1.6, True),
            ("five five five five", 3.0, True),
            ("no no no", 2.0, False),
            ("that is what I said", 2.0, False),
            ("one two three four five six seven", 1.0, True),
            ("", 5.0, False),
        ],
    )
    def test_a_reading_that_repeats_itself_is_suspicious(self, text, seconds, suspicious):
        """So is one that is faster than anybody speaks."""
        assert repeats_itself(text, seconds) is suspicious

    def test_high_compression_is_repetition(self):
        """Whisper's own measure."""
        assert compression_ratio("and so it goes " * 20) > 2.4
        assert compression_ratio("") == 0.0

    @given(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6))
    def test_words_that_differ_do_not_repeat(self, words):
        """Nothing comes twice."""
        assert first_repeat(words) is None

    def test_copies_that_cannot_have_been_spoken_are_taken_out(self):
        """The first stays; the report says what went."""
        words = [*said("so we", 0.3), *said("go on", 0.3)[:2]]
        words += [
            WordHypothesis(1.2 + at * 0.05, 1.25 + at * 0.05, text, 0.9, evidence=evidence())
            for at, text in enumerate(["go", "on", "go", "on", "go", "on"])
        ]
        kept, gone = without_hallucinations(words, SPOKEN)
        assert [word.text for word in kept] == ["so", "we", "go", "on"]
        assert [(each.reason, joined_text(each.words)) for each in gone] == [
            (Reason.REPEAT, "go on go on go on")
        ]

    def test_what_people_do_repeat_stays(self):
        """At the pace of speech, surely heard."""
        kept, gone = without_hallucinations(said("no no no no no we will not"), SPOKEN)
        assert (len(kept), gone) == (8, [])


class TestSilence:
    def test_words_where_nobody_speaks_are_taken_out(self):
        """With a reason."""
        silent = VoiceActivity(np.zeros(round(20 / FRAME), dtype=np.float32), 20.0)
        kept, gone = without_hallucinations(said("thanks for watching"), silent)
        assert kept == []
        assert {each.reason for each in gone} == {Reason.NO_SPEECH}

    def test_what_the_decoder_itself_does_not_believe_is_taken_out(self):
        """It doubts that anybody speaks and its own words."""
        kept, gone = without_hallucinations(said("oh", no_speech=0.8, mean=-1.4), SPOKEN)
        assert (kept, len(gone)) == ([], 1)

    @pytest.mark.real
    @pytest.mark.parametrize("plan", ["fast", "balanced", "accurate"])
    @pytest.mark.parametrize(
        "kind", ["silence", "noise", "loud noise", "music", "hold tone", "applause"]
    )
    def test_no_plan_writes_words_over_it(self, home, tmp_path, plan, kind):
        """Real models, half a minute of each."""
        samples = {
            "silence": np.zeros(16_000 * 30),
            "noise": noise(30.0, 0.02),
            "loud noise": noise(30.0, 0.3),
            "music": music(30.0),
            "hold tone": hold_tone(30.0),
            "applause": applause(30.0),
        }[kind]
        assert recognised(tmp_path, samples, plan).segments == ()

    @pytest.mark.real
    def test_a_long_pause_between_words_stays_empty(self, home, sample, tmp_path):
        """Twenty seconds of it between two sentences."""
        samples, rate = soundfile.read(sample, stop=16_000 * 17)
        pause = np.random.default_rng(5).normal(0, 0.002, rate * 20)
        found = recognised(
            tmp_path, np.concatenate([samples[: rate * 8], pause, samples[rate * 8 :]]), "balanced"
        )
        words = [word for segment in found.segments for word in segment.words]
        assert "investigation" in joined_text(words)
        assert "inquiries" in joined_text(words)
        assert not [word for word in words if word.end > 8.3 and word.start < 28.0]


def recognised(folder: Path, samples, plan: str):
    path = folder / "sound.flac"
    soundfile.write(str(path), np.clip(samples, -1, 1), 16_000)
    options = RecognitionOptions(plan=plan)
    return (
        process_workspace()
        .engines.recogniser(options)
        .recognise(StoredAudio.open(path), options, [].append)
    )


class TestEcho:
    @pytest.mark.parametrize(
        ("text", "prompt", "hotwords", "found"),
        [
            (
                "Minutes of the board meeting good day",
                "Minutes of the board meeting.",
                (),
                (0.0, 1.5),
            ),
            ("good day to you", "Minutes of the board meeting.", (), None),
            ("we met Lord Byron", "", ("Cintra", "Lord Byron"), None),
            ("Cintra Lord Byron we met", "", ("Cintra", "Lord Byron"), (0.0, 0.9)),
            ("University of California Berkeley", "", ("University of California Berkeley",), None),
            ("anything at all", "", (), None),
        ],
    )
    def test_three_words_in_a_row_are_suspicious(self, text, prompt, hotwords, found):
        """Of the prompt, or from one hotword to the next; a hotword alone is what was hoped for."""
        span = find_echo(said(text), echo_runs(prompt, hotwords))
        assert (span and (span.start, pytest.approx(span.end))) == found


class TestRestoring:
    @pytest.fixture
    def reported(self):
        made = transcript()
        gone = (
            Removed(reason=Reason.REPEAT, words=(Word(4.8, 4.9, "begin?", 0.3),)),
            Removed(
                reason=Reason.NO_SPEECH,
                words=(Word(7.0, 7.1, "Thanks", 0.2), Word(7.1, 7.2, "all.", 0.2)),
            ),
        )
        from dataclasses import replace

        return replace(made, removed=gone)

    def test_what_was_taken_out_comes_back_in_its_place(self, reported):
        """By the speaker whose turn it is; the other stays out."""
        back = restored(reported, [2])
        assert [segment.text for segment in back.segments if segment.start == 7.0] == [
            "Thanks all."
        ]
        assert [segment.speaker for segment in back.segments if segment.start == 7.0] == [
            "SPEAKER_01"
        ]
        assert [each.reason for each in back.removed] == [Reason.REPEAT]
        starts = [segment.start for segment in back.segments]
        assert starts == sorted(starts)

    def test_all_words_are_there_again(self, reported):
        """None lost, none doubled."""
        back = restored(reported, [1, 2])
        assert len(back.words) == len(reported.words) + 3
        assert back.removed == ()

    @pytest.mark.parametrize("number", [0, 3, -1])
    def test_a_number_that_is_none_is_refused(self, reported, number):
        """And it is said how many there are."""
        with pytest.raises(NotFound, match="2 texts were removed"):
            restored(reported, [number])
