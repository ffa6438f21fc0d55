"""Regions of speech: how readings meet in them, and which speech still has no words."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.asr.engine import DecodedWord
from trax.asr.evidence import Evidence, WordHypothesis, with_evidence
from trax.asr.regions import Region, joined_words, stretches, uncovered
from trax.transcript import Segment, Span, Word

PLAIN = Evidence(
    probability=0.6,
    mean_log_probability=-0.2,
    no_speech_probability=0.0,
    compression_ratio=1.0,
)

lengths = st.lists(
    st.tuples(st.floats(1.0, 120.0), st.sampled_from(["en", "de"])), min_size=1, max_size=12
)


def said(text: str, start: float = 0.0, confidence: float = 0.6) -> tuple[WordHypothesis, ...]:
    """A word a second."""
    return tuple(
        WordHypothesis(start + at, start + at + 0.9, word, confidence, evidence=PLAIN)
        for at, word in enumerate(text.split())
    )


def texts(words) -> str:
    return " ".join(word.text for word in words)


def in_a_row(lengths_and_languages) -> list[Region]:
    """Regions one after the other, a word at the start of each."""
    found = []
    start = 0.0
    for number, (length, language) in enumerate(lengths_and_languages):
        span = Span(start, start + length)
        found.append(Region(span, language, said(f"w{number}", start)))
        start += length
    return found


class TestReadings:
    def test_the_first_reading_is_taken_as_it_is(self):
        """There is nobody to vote against."""
        words = said("one two")
        assert Region(Span(0, 5), "en").with_reading(words).words == words

    def test_an_empty_reading_has_no_vote(self):
        """A decoder that found nothing takes nothing away."""
        region = Region(Span(0, 5), "en", said("one two"))
        assert region.with_reading([]) == region

    def test_agreement_makes_a_word_more_certain(self):
        """Two readings are wrong together only if both are wrong."""
        region = Region(Span(0, 5), "en", said("one", confidence=0.6))
        (word,) = region.with_reading(said("one", confidence=0.5)).words
        assert word.confidence == pytest.approx(1 - 0.4 * 0.5)
        assert (word.evidence.readings, word.evidence.agreed) == (2, 1)
        assert word.evidence.support == 0.6

    def test_a_dispute_is_remembered_as_one(self):
        """The winner knows how certain its rival was."""
        region = Region(Span(0, 5), "en", said("won", confidence=0.3))
        (word,) = region.with_reading(said("one", confidence=0.8)).words
        assert (word.text, word.confidence) == ("one", 0.8)
        assert (word.evidence.readings, word.evidence.agreed) == (2, 0)
        assert word.evidence.rival == 0.6

    def test_span_and_language_stay(self):
        """A reading changes words alone."""
        region = Region(Span(1, 5), "de", said("eins", 1.0)).with_reading(said("zwei", 1.0))
        assert (region.span, region.language) == (Span(1, 5), "de")


class TestStretches:
    @given(lengths)
    def test_stretches_keep_every_word_in_order(self, regions):
        """Grouping loses nothing."""
        found = in_a_row(regions)
        grouped = [word for stretch in stretches(found) for word in stretch.words]
        assert grouped == joined_words(found)

    @given(lengths)
    def test_a_stretch_is_in_one_language_and_no_longer_than_five_minutes(self, regions):
        """Context in another language misleads, and memory is bounded."""
        found = in_a_row(regions)
        for stretch in stretches(found):
            inside = [each for each in found if each.span.overlap(stretch.span) > 0]
            assert {each.language for each in inside} == {stretch.language}
            assert stretch.span.duration <= 300.0 or len(inside) == 1

    @given(lengths)
    def test_a_stretch_ends_only_where_it_must(self, regions):
        """Neighbours that would fit together are together."""
        found = list(stretches(in_a_row(regions)))
        firsts = {each.span.start: each for each in in_a_row(regions)}
        for left, right in pairwise(found):
            following = firsts[right.span.start]
            too_long = following.span.end - left.span.start > 300.0
            assert left.language != right.language or too_long

    def test_no_regions_have_no_stretch(self):
        """Nothing is made up."""
        assert list(stretches([])) == []


class TestJoining:
    def test_regions_that_overlap_double_no_word(self):
        """The second that both windows hold is stitched."""
        left = Region(Span(0, 4), "en", said("we went home to"))
        right = Region(Span(3, 7), "en", said("to the sea now", 3.0))
        assert texts(joined_words([left, right])) == "we went home to the sea now"

    def test_every_overlap_of_several_is_stitched(self):
        """However many windows follow each other without a pause."""
        words = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        windows = [
            Region(Span(at, at + 4), "en", said(" ".join(words[at : at + 4]), float(at)))
            for at in (0, 3, 6)
        ]
        assert texts(joined_words(windows)) == " ".join(words)

    @given(lengths)
    def test_regions_apart_are_simply_joined(self, regions):
        """Every word once, in order."""
        found = in_a_row(regions)
        expected = [word for region in found for word in region.words]
        assert joined_words(found) == expected


class TestUncovered:
    speech = st.lists(st.tuples(st.floats(0.1, 8.0), st.floats(0.1, 4.0)), max_size=8)
    starts = st.lists(st.floats(0.0, 60.0), max_size=12)

    @staticmethod
    def spans(pauses_and_lengths) -> list[Span]:
        found = []
        at = 0.0
        for pause, length in pauses_and_lengths:
            found.append(Span(at + pause, at + pause + length))
            at += pause + length
        return found

    @given(speech, starts)
    def test_gaps_lie_in_speech_and_away_from_words(self, pauses_and_lengths, starts):
        """No second is decoded twice for nothing."""
        spans = self.spans(pauses_and_lengths)
        words = [Word(start, start + 0.3, "w") for start in sorted(starts)]
        for gap in uncovered(spans, words):
            assert gap.duration >= 1.0
            assert any(span.start <= gap.start and gap.end <= span.end for span in spans)
            assert all(gap.distance(word) >= 0.4 - 1e-9 for word in words)

    @given(speech)
    def test_without_words_all_long_speech_is_uncovered(self, pauses_and_lengths):
        """Every stretch of at least a second, as it is."""
        spans = self.spans(pauses_and_lengths)
        assert uncovered(spans, []) == [span for span in spans if span.duration >= 1.0]

    @pytest.mark.parametrize(
        ("word", "gaps"),
        [
            ((4.0, 4.5), [Span(2.0, 3.6), Span(4.9, 8.0)]),
            ((2.0, 2.5), [Span(2.9, 8.0)]),
            ((7.5, 8.0), [Span(2.0, 7.1)]),
            ((0.0, 9.0), []),
            ((0.0, 1.0), [Span(2.0, 8.0)]),
        ],
        ids=["inside", "at the start", "at the end", "over all", "elsewhere"],
    )
    def test_a_word_covers_its_surroundings(self, word, gaps):
        """Four tenths of a second on either side."""
        found = uncovered([Span(2.0, 8.0)], [Word(*word, "w")])
        edges = [edge for gap in found for edge in (gap.start, gap.end)]
        assert edges == pytest.approx([edge for gap in gaps for edge in (gap.start, gap.end)])

    def test_one_word_may_cover_the_ends_of_two_stretches(self):
        """It is looked at again for the second one."""
        speech = [Span(0.0, 3.0), Span(3.2, 6.0)]
        assert uncovered(speech, [Word(1.0, 5.5, "long")]) == []


class TestEvidence:
    segment = Segment(
        0.0,
        4.0,
        (
            Word(0.0, 0.5, "one", 0.9),
            Word(0.5, 1.0, "two", 0.4),
            Word(2.0, 2.5, "three", None),
        ),
        mean_log_probability=-0.3,
        compression_ratio=1.5,
        no_speech_probability=0.1,
    )

    def test_words_know_their_place_in_the_window(self):
        """At its edges a decoder lacks context."""
        one, _two, three = with_evidence([self.segment], Span(0, 4))
        assert (one.evidence.from_start, one.evidence.to_end) == (0.0, 3.5)
        assert (three.evidence.from_start, three.evidence.to_end) == (2.0, 1.5)

    def test_a_decoders_tokens_are_evidence(self):
        """Where it tells of them."""
        decoded = DecodedWord(0.0, 0.5, "one", 0.9, weakest=0.8, log_probability=-0.1)
        known = replace(self.segment, words=(decoded, Word(0.5, 1.0, "two", 0.4)))
        one, two = with_evidence([known], Span(0, 4))
        assert (one.evidence.weakest, one.evidence.log_probability) == (0.8, -0.1)
        assert (two.evidence.weakest, two.evidence.log_probability) == (None, None)

    def test_times_move_by_the_offset(self):
        """A window's times count from its start, a recording's from its own."""
        found = list(with_evidence([self.segment], Span(10, 14)))
        assert [(word.start, word.end) for word in found] == [
            (10.0, 10.5),
            (10.5, 11.0),
            (12.0, 12.5),
        ]

    def test_the_segments_figures_are_every_words(self):
        """They judge all that was decoded together."""
        for word in with_evidence([self.segment], Span(0, 4)):
            assert word.evidence.mean_log_probability == -0.3
            assert word.evidence.compression_ratio == 1.5
            assert word.evidence.no_speech_probability == 0.1
