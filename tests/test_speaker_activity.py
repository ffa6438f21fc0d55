"""Who speaks in each frame: local speakers matched by voice, and turns built from that."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.diarization.clustering import Speakers
from trax.diarization.evidence import FRAME, Evidence, Piece, Window
from trax.diarization.labels import activity_levels, sorted_turns, speaker_label
from trax.diarization.plans import PLANS
from trax.diarization.speaker_activity import speaker_activity
from trax.diarization.turns import build_diarization
from trax.transcript import SpeakerCount, Turn

LONG = PLANS["accurate"].long
SHORT = PLANS["accurate"].short


def counted(fewer: float, more: float, probability: float) -> SpeakerCount:
    return SpeakerCount(found=2, fewer=fewer, more=more, probability=probability)


TWO = Speakers(np.eye(2), SpeakerCount(found=2, fewer=9.0, more=9.0, probability=0.9))


def window(active: np.ndarray, grid=LONG, first: int = 0) -> Window:
    """A window in which *active* says how sure segmentation is of each local speaker."""
    alone = (active > 0.5) & ((active > 0.5).sum(axis=1) == 1)[:, None]
    return Window(grid, first, active.astype(np.float16), alone)


def taking_turns(*lengths: int, local=(0, 1)) -> np.ndarray:
    """Two local speakers in turn, for so many frames each."""
    active = np.zeros((sum(lengths), 3))
    start = 0
    for number, length in enumerate(lengths):
        active[start : start + length, local[number % 2]] = 0.95
        start += length
    return active


def recording(active: np.ndarray, *voices: int, grid=LONG) -> Evidence:
    """One window over everything, and a piece of speech for each stretch of 60 frames."""
    pieces = []
    for number, voice in enumerate(voices):
        frames = np.arange(number * 60, number * 60 + 60)
        pieces.append(Piece(frames, np.eye(2)[voice]))
    return Evidence((len(active) - 0.5) * FRAME, [window(active, grid)], pieces)


class TestMatching:
    def test_local_speakers_go_to_the_voice_they_have(self):
        """Whatever their number in the window."""
        evidence = recording(taking_turns(60, 60, local=(1, 0)), 0, 1)
        found = speaker_activity(evidence, TWO)
        assert found.matched[:60, 0] == pytest.approx(0.95, abs=0.01)
        assert found.matched[60:, 1] == pytest.approx(0.95, abs=0.01)
        assert not found.matched[60:, 0].any()

    def test_two_local_speakers_are_never_one_person(self):
        """Segmentation has told them apart."""
        evidence = recording(taking_turns(60, 60))
        alike = np.array([0.75, 0.66])
        for first in (0, 60):
            evidence.pieces.append(Piece(np.arange(first, first + 60), alike))
        found = speaker_activity(evidence, TWO)
        assert {int(found.matched[30].argmax()), int(found.matched[90].argmax())} == {0, 1}

    def test_probability_is_shared_between_voices_that_are_alike(self):
        """A voice half-way between two people may be either's."""
        active = taking_turns(60, 60)
        evidence = recording(active)
        evidence.pieces.append(Piece(np.arange(60), np.array([1.0, 1.0]) / np.sqrt(2)))
        found = speaker_activity(evidence, TWO)
        assert found.probability[30] == pytest.approx([0.475, 0.475], abs=0.01)

    def test_only_long_windows_count_speakers(self):
        """Short ones find less of the overlap."""
        active = taking_turns(60, 60)
        short = speaker_activity(recording(active, 0, 1, grid=SHORT), TWO)
        assert not short.expected.any()
        long = speaker_activity(recording(active, 0, 1), TWO)
        assert long.expected == pytest.approx(0.95, abs=0.01)

    def test_a_long_piece_with_another_voice_overrules_the_windows(self):
        """Two people without a pause between them may be one local speaker."""
        active = np.zeros((240, 3))
        active[:, 0] = 0.95
        evidence = recording(active, 0, 0, 0, 1)
        found = speaker_activity(evidence, TWO)
        assert found.matched[90].argmax() == 0
        assert found.matched[200].argmax() == 1

    def test_a_short_piece_overrules_nothing(self):
        """Its voice is hardly known."""
        active = np.zeros((240, 3))
        active[:, 0] = 0.95
        evidence = recording(active, 0, 0, 0)
        evidence.pieces.append(Piece(np.arange(200, 220), np.eye(2)[1]))
        found = speaker_activity(evidence, TWO)
        assert found.matched[210].argmax() == 0

    def test_frames_past_the_end_are_left_out(self):
        """A window may be longer than what is left of the recording."""
        whole = recording(taking_turns(60, 60), 0, 1)
        cut = Evidence(59.5 * FRAME, whole.windows, whole.pieces)
        found = speaker_activity(cut, TWO)
        assert found.matched.shape == (60, 2)
        assert found.expected.shape == (60,)


class TestTurns:
    def test_a_short_gap_does_not_interrupt_a_turn(self):
        """A breath is no pause."""
        active = taking_turns(300)
        active[100:104] = 0.0
        found = build_diarization(recording(active, 0), TWO, "e", "m")
        assert len(found.turns) == 1
        active[100:120] = 0.0
        found = build_diarization(recording(active, 0), TWO, "e", "m")
        assert len(found.turns) == 2

    def test_a_flicker_is_no_turn(self):
        """Nobody speaks for a twentieth of a second."""
        active = np.zeros((300, 3))
        active[100:103, 0] = 0.95
        assert build_diarization(recording(active, 0), TWO, "e", "m").turns == ()

    def test_who_speaks_over_another_is_in_turns_but_not_alone(self):
        """Overlap has two turns and one exclusive turn."""
        active = taking_turns(120, 120)
        active[60:120, 1] = 0.9
        found = build_diarization(recording(active, 0, 0, 1, 1), TWO, "e", "m")
        overlap = [turn.overlap(other) for turn, other in pairwise(found.turns)]
        assert max(overlap) == pytest.approx(60 * FRAME, abs=0.05)
        for left, right in pairwise(found.exclusive_turns):
            assert left.end <= right.start

    def test_labels_go_by_first_appearance_whatever_the_clusters_order(self):
        """SPEAKER_00 speaks first, and has the embedding of who that is."""
        found = build_diarization(recording(taking_turns(120, 120), 1, 1, 0, 0), TWO, "e", "m")
        assert [turn.speaker for turn in found.turns] == ["SPEAKER_00", "SPEAKER_01"]
        assert found.embeddings["SPEAKER_00"] == (0.0, 1.0)

    def test_who_never_speaks_has_no_label(self):
        """Even if there is a voice for them; the count is of those who do."""
        found = build_diarization(recording(taking_turns(240), 0, 0), TWO, "e", "m")
        assert set(found.embeddings) == {"SPEAKER_00"}
        assert found.count.found == 1

    def test_without_speakers_there_is_nothing(self):
        """No turns, no count, no confidence."""
        nobody = Speakers(np.zeros((0, 0)), None)
        found = build_diarization(recording(np.zeros((100, 3))), nobody, "e", "m")
        assert (found.turns, found.exclusive_turns) == ((), ())
        assert (found.count, found.confidence, found.warnings) == (None, None, ())

    def test_doubtful_frames_make_a_turn_less_certain(self):
        """Its confidence is the mean over its frames."""
        sure = build_diarization(recording(taking_turns(240), 0, 0), TWO, "e", "m")
        active = taking_turns(240) * 0.75
        unsure = build_diarization(recording(active, 0, 0), TWO, "e", "m")
        assert unsure.turns[0].confidence < sure.turns[0].confidence
        assert unsure.confidence == unsure.turns[0].confidence

    @pytest.mark.parametrize(
        ("count", "others", "words"),
        [
            (counted(9.0, 9.0, 0.9), 0, []),
            (
                SpeakerCount(found=2, fewer=1.0, more=9.0, probability=0.3),
                0,
                ["1 are almost as likely"],
            ),
            (
                SpeakerCount(found=2, fewer=9.0, more=1.0, probability=0.3),
                0,
                ["3 are almost as likely"],
            ),
            (
                SpeakerCount(found=2, fewer=9.0, more=9.0, probability=0.9),
                1,
                ["1 voice with 0.4 s"],
            ),
        ],
    )
    def test_warnings_say_what_is_doubtful(self, count, others, words):
        """One for the number, one for voices that were not counted."""
        speakers = Speakers(np.eye(2), count, others=others, others_seconds=0.4)
        evidence = recording(taking_turns(120, 120), 0, 0, 1, 1)
        found = build_diarization(evidence, speakers, "e", "m").warnings
        assert len(found) == len(words)
        assert all(expected in warning for expected, warning in zip(words, found, strict=True))


class TestLabels:
    turns = st.lists(
        st.tuples(st.floats(0, 9), st.floats(0, 9), st.integers(0, 3)).map(
            lambda each: Turn(min(each[:2]), max(each[:2]), speaker_label(each[2]))
        )
    )

    @given(turns)
    def test_the_order_of_turns_is_settled(self, turns):
        """By start, end and label, however they were listed."""
        found = sorted_turns(turns)
        assert found == sorted_turns(reversed(turns))
        keys = [(turn.start, turn.end, turn.speaker) for turn in found]
        assert keys == sorted(keys)

    def test_levels_are_digits_of_the_wanted_columns(self):
        """From 0 to 9, and never more."""
        shares = np.array([[0.0, 0.5, 1.0], [0.06, 0.95, 1.2]])
        found = activity_levels(shares, {2: "SPEAKER_00", 0: "SPEAKER_01"})
        assert found.levels == {"SPEAKER_00": "99", "SPEAKER_01": "01"}

    def test_labels_sort_as_their_numbers_do(self):
        """Up to a hundred speakers."""
        labels = [speaker_label(number) for number in range(100)]
        assert labels == sorted(labels)
