"""How a conversation went: talk, pace, silence, overlap, interruptions."""

from dataclasses import replace

import pytest

from trax.merge.conversation import conversation
from trax.testing import transcript as sample_transcript
from trax.transcript import Segment, Turn, Word

A, B = "SPEAKER_00", "SPEAKER_01"


def said(start: float, text: str, speaker: str, confidence: float | None = None) -> Segment:
    """Words of half a second each, one after another."""
    words = tuple(
        Word(
            start + at / 2,
            start + (at + 1) / 2,
            word,
            speaker=speaker,
            speaker_confidence=confidence,
            id=f"{start}-{at}",
        )
        for at, word in enumerate(text.split())
    )
    return Segment(words[0].start, words[-1].end, words, speaker)


def of(*segments: Segment, turns: tuple[Turn, ...] = (), duration: float = 60.0):
    transcript = sample_transcript()
    recording = replace(transcript.recording, duration=duration)
    return conversation(replace(transcript, recording=recording, segments=segments, turns=turns))


def test_talk_is_what_words_and_short_pauses_take():
    """A pause of half a second is within what one says, one of a second is not."""
    found = of(said(0, "a b", A), said(1.5, "c d", A), said(3.5, "e f", A))
    assert found.speakers[0].talk == pytest.approx(3.5)
    assert found.silence == pytest.approx(56.5)


def test_pace_is_words_a_minute_of_talk():
    """Half a second a word is 120 a minute."""
    assert of(said(0, "a b c d", A)).speakers[0].words_per_minute == pytest.approx(120)


def test_whoever_talks_most_comes_first():
    """With their share of all talk."""
    found = of(said(0, "a", A), said(10, "b c d", B))
    assert [(each.speaker, each.share) for each in found.speakers] == [(B, 0.75), (A, 0.25)]


def test_several_segments_in_a_row_are_one_turn():
    """The floor passes to A twice."""
    found = of(said(0, "a", A), said(1, "b", A), said(2, "c", B), said(3, "d", A))
    assert {each.speaker: each.turns for each in found.speakers} == {A: 2, B: 1}


def test_questions_end_with_a_question_mark():
    """In quotation marks, too, and in other scripts."""
    found = of(said(0, 'who? "why?" \u4ec0\u4e48\uff1f no.', A))
    assert found.speakers[0].questions == 3


@pytest.mark.parametrize(
    ("turns", "interrupts", "overlap"),
    [
        (((0, 5, A), (4, 8, B)), 1, 1.0),
        (((0, 5, A), (4.9, 8, B)), 0, 0.1),
        (((0, 5, A), (2, 2.5, B)), 0, 0.5),
        (((0, 5, A), (2, 4, B)), 0, 2.0),
        (((0, 5, A), (5, 8, B)), 0, 0.0),
        (((0, 5, A), (4, 8, A)), 0, 1.0),
    ],
    ids=["takes the floor", "a hair", "backchannel", "ends within", "after", "oneself"],
)
def test_whoever_begins_within_a_turn_and_outlasts_it_interrupts(turns, interrupts, overlap):
    """Short agreement takes nobody's floor."""
    made = tuple(Turn(start, end, speaker) for start, end, speaker in turns)
    found = of(said(0, "a", A), said(4, "b", B), turns=made)
    shares = {each.speaker: each for each in found.speakers}
    assert shares[B].interrupts == shares[A].interrupted == interrupts
    assert found.overlap == pytest.approx(overlap)


def test_certain_talk_is_weighed_by_the_speakers_confidence():
    """Unknown where no engine said."""
    assert of(said(0, "a b", A, 0.5)).speakers[0].certain == pytest.approx(0.5)
    assert of(said(0, "a b", A)).speakers[0].certain is None


def test_a_transcript_without_words_is_all_silence():
    """And no division by zero."""
    found = of(duration=10.0)
    assert (found.silence, found.speakers) == (10.0, ())
