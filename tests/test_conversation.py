"""How a conversation went: talk and how sure it is, pace, silence, overlap, interruptions."""

from dataclasses import replace

import pytest

from trax.merge.conversation import conversation
from trax.testing import transcript as sample_transcript
from trax.transcript import Segment, Turn, Word

A, B = "SPEAKER_00", "SPEAKER_01"


def said(start: float, text: str, speaker: str | None, confidence: float | None = None) -> Segment:
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
    """A pause of half a second is within what one says, one of a second is not. Nothing was heard
    in this recording, so that words are all there is.
    """
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
    found = of(said(0, "a", A), said(20, "b", B), turns=made)
    shares = {each.speaker: each for each in found.speakers}
    assert shares[B].interrupts == shares[A].interrupted == interrupts
    assert found.overlap == pytest.approx(overlap)


def talk_of(*segments: Segment, turns: tuple[Turn, ...]) -> dict[str | None, float]:
    return {each.speaker: each.talk for each in of(*segments, turns=turns).speakers}


class TestTalkBySound:
    def test_speech_of_which_no_word_was_read_counts(self):
        """Recognition leaves out words that diarization hears."""
        turns = (Turn(0, 4, A), Turn(5, 8, B))
        assert talk_of(said(1, "a b", A), turns=turns) == pytest.approx({A: 4.0, B: 3.0})

    def test_both_who_speak_at_once_talk(self):
        """Words are given to one speaker at a time; turns are not."""
        turns = (Turn(0, 4, A), Turn(2, 6, B))
        made = (said(0, "a b c d e f g h", A), said(4, "e f g h", B))
        assert talk_of(*made, turns=turns) == pytest.approx({A: 4.0, B: 4.0})

    def test_a_word_at_a_turns_edge_adds_nothing(self):
        """Edges of words and turns are known to a few tenths of a second."""
        assert talk_of(said(0, "a b c d", A), turns=(Turn(0.3, 1.8, A),)) == {A: pytest.approx(1.5)}

    def test_a_turn_whose_words_were_given_to_somebody_else_is_theirs(self):
        """As long as it is, not only as long as its words."""
        assert talk_of(said(1, "a b", B), turns=(Turn(0.5, 2.5, A),)) == {B: pytest.approx(2.0)}

    def test_words_given_to_somebody_else_are_cut_out_of_a_turn(self):
        """The rest stays with whoever is heard."""
        made = (said(0, "a b c d", A), said(4, "e f", B), said(7, "g h", A))
        assert talk_of(*made, turns=(Turn(0, 8, A),)) == pytest.approx({A: 7.0, B: 1.0})

    def test_words_of_nobody_known_are_cut_out_too(self):
        """Their talk is nobody's."""
        made = (said(0, "a b c d", A), said(4, "e f", None), said(7, "g h", A))
        assert talk_of(*made, turns=(Turn(0, 8, A),)) == pytest.approx({A: 7.0, None: 1.0})

    def test_whoever_speaks_within_anothers_turn_keeps_theirs(self):
        """Words of the other there say nothing against it: both are heard."""
        turns = (Turn(0, 8, A), Turn(3, 4, B))
        found = talk_of(said(0, "a b c d e f g h i j", A), turns=turns)
        assert found == pytest.approx({A: 8.0, B: 1.0})

    def test_a_short_pause_does_not_end_what_is_interrupted(self):
        """A's turn was cut in two by a breath; B began before it."""
        turns = (Turn(0, 3, A), Turn(3.4, 5, A), Turn(2.9, 8, B))
        shares = {each.speaker: each for each in of(said(0, "a", A), turns=turns).speakers}
        assert (shares[B].interrupts, shares[A].interrupted) == (1, 1)


class TestSureTalk:
    TURNS = (Turn(0, 10, A, 0.9), Turn(20, 30, B, 1.0))

    def test_talk_is_weighed_by_how_surely_it_is_the_speakers(self):
        """A second of ten is probably another's."""
        shares = {each.speaker: each.sure for each in of(turns=self.TURNS).speakers}
        assert shares[A].right == pytest.approx(9.0)
        assert shares[B].right == pytest.approx(10.0)

    def test_what_is_doubtful_widens_the_bounds(self):
        """Downwards for whom it was given to, upwards for the others."""
        shares = {each.speaker: each.sure for each in of(turns=self.TURNS).speakers}
        assert 10 - shares[A].low > 10 - shares[B].low > 0
        assert shares[B].high - 10 > shares[A].high - 10 > 0

    def test_bounds_lie_within_the_recording(self):
        """Nobody talks less than nothing, or longer than it lasts."""
        (share,) = of(turns=(Turn(0, 1, A, 0.1),), duration=1.2).speakers
        assert (share.sure.low, share.sure.high) == (0.0, 1.2)

    def test_nothing_is_said_where_no_engine_said(self):
        """Turns without confidence."""
        (share,) = of(turns=(Turn(0, 1, A),)).speakers
        assert share.sure is None

    def test_a_turn_that_somebody_was_given_is_as_sure_as_its_words(self):
        """A person who says who it was is sure."""
        (share,) = of(said(0, "a b", B, 1.0), turns=(Turn(0, 1, A, 0.5),)).speakers
        assert (share.speaker, share.sure.right) == (B, pytest.approx(1.0))


def test_a_transcript_without_words_is_all_silence():
    """And no division by zero."""
    found = of(duration=10.0)
    assert (found.silence, found.speakers) == (10.0, ())
