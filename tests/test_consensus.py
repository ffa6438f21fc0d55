"""Two readings become one, and windows one sequence: nothing lost, nothing doubled, nothing
invented.
"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.merge import consensus, spelling, stitched
from trax.testing import words
from trax.transcript import Span, Word

vocabulary = st.sampled_from(["the", "cat", "Cat,", "sat", "on", "a", "mat", "—", "five", "that's"])
readings = st.lists(st.tuples(vocabulary, st.floats(0, 1)), max_size=12).map(
    lambda said: [Word(float(at), at + 0.9, text, sure) for at, (text, sure) in enumerate(said)]
)


def sure(text: str, confidence: float, start: float = 0.0) -> list[Word]:
    """Words of one confidence, a second each."""
    said = text.split()
    return [Word(start + at, start + at + 0.9, word, confidence) for at, word in enumerate(said)]


def text_of(found) -> str:
    return " ".join(vote.word.text for vote in found)


class TestConsensus:
    @given(readings)
    def test_two_that_agree_give_the_second(self, reading):
        """Word for word, marked as agreed."""
        found = consensus(reading, reading)
        assert [vote.word for vote in found] == reading
        assert all(vote.agreed for vote in found)

    @given(readings, readings)
    def test_every_word_comes_from_one_of_them(self, first, second):
        """Nothing is made up, nothing comes more often than in both together."""
        counts = Counter((word.text, word.start) for word in [*first, *second])
        found = Counter((vote.word.text, vote.word.start) for vote in consensus(first, second))
        assert found <= counts

    @given(readings, readings)
    def test_order_is_kept(self, first, second):
        """Words of one reading never change places."""
        chosen = [vote.word for vote in consensus(first, second)]
        for reading in (first, second):
            mine = [word.start for word in chosen if any(word is each for each in reading)]
            assert mine == sorted(mine)

    @given(readings)
    def test_an_unsure_reading_of_nothing_takes_nothing_away(self, reading):
        """Words that are surer than silence stay."""
        kept = [vote.word for vote in consensus(reading, [])]
        assert kept == (
            reading if reading and min(word.confidence for word in reading) > 0.65 else []
        )

    def test_case_and_punctuation_are_no_dispute(self):
        """They are the second's."""
        found = consensus(sure("the cat sat", 0.9), sure("The cat, sat.", 0.2))
        assert text_of(found) == "The cat, sat."

    @pytest.mark.parametrize(
        ("first", "second", "wins"),
        [(0.9, 0.5, "cart"), (0.6, 0.5, "card"), (0.3, 0.9, "card"), (0.66, 0.5, "cart")],
    )
    def test_the_first_must_be_clearly_surer(self, first, second, wins):
        """The second reading was made with more care."""
        found = consensus(sure("a cart here", first), sure("a card here", second))
        assert text_of(found) == f"a {wins} here"

    def test_a_dispute_is_settled_as_a_whole_by_its_least_sure_word(self):
        """Half of one reading and half of the other make no sentence."""
        first = [Word(0, 1, "elementary", 0.95), Word(1, 2, "can", 0.95), Word(2, 3, "all", 0.2)]
        found = consensus([*first, Word(3, 4, "goes", 0.9)], sure("alimentary canal goes", 0.5))
        assert text_of(found) == "alimentary canal goes"

    def test_what_the_other_has_is_told(self):
        """It is evidence."""
        found = consensus(sure("a cart here", 0.3), sure("a card here", 0.7))
        assert [(vote.agreed, vote.other) for vote in found] == [
            (True, 0.3),
            (False, 0.3),
            (True, 0.3),
        ]

    def test_punctuation_alone_has_no_spelling(self):
        """A dash is no word."""
        assert [spelling(text) for text in ("—", "Don't!", "ÉTÉ", "x_y")] == [
            "",
            "don't",
            "été",
            "xy",
        ]


class TestStitching:
    @given(st.integers(4, 30), st.integers(1, 29), st.integers(0, 5), st.integers(0, 5))
    def test_two_windows_that_hear_the_same_lose_and_double_nothing(
        self, count, cut, before, after
    ):
        """Wherever the cut, however wide the overlap: the whole comes out."""
        whole = [Word(float(at), at + 0.9, f"w{at}", 0.9) for at in range(count)]
        cut = min(cut, count - 1)
        left, right = whole[: min(count, cut + after)], whole[max(0, cut - before) :]
        if right[0].start >= left[-1].end:
            return
        overlap = Span(right[0].start, left[-1].end)
        assert [word.text for word in stitched(left, right, overlap)] == [
            word.text for word in whole
        ]

    def test_a_word_that_the_cut_went_through_is_the_other_windows(self):
        """Each window is right where the other is cut."""
        left, right = words("we went ho", 0.0, 3.0), words("nt home again", 1.5, 4.5)
        assert [word.text for word in stitched(left, right, Span(1.5, 3.0))] == [
            "we",
            "went",
            "home",
            "again",
        ]

    @given(readings, readings)
    def test_what_lies_outside_the_overlap_is_kept(self, left, right):
        """Whatever is heard inside it."""
        right = [Word(word.start + 6, word.end + 6, word.text, word.confidence) for word in right]
        found = stitched(left, right, Span(6.0, 9.0))
        assert found[: sum(word.end <= 6.0 for word in left)] == [
            word for word in left if word.end <= 6.0
        ]
        after = [word for word in right if word.start >= 9.0]
        assert found[len(found) - len(after) :] == after
