"""Who said each word."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trax.merge import assign_speakers, attribute, sentences, split_by_speaker, tally
from trax.merge.speaker_confidence import with_speaker_confidence
from trax.merge.speakers import STRAY_GAP, rejoin_stray_words
from trax.testing import words as spoken
from trax.transcript import Activity, Diarization, Doubt, Recognition, Segment, Turn, Word

times = st.integers(0, 600).map(lambda tenths: tenths / 10)
labels = st.sampled_from(["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"])


@st.composite
def word_lists(draw, least=0):
    """Words in order of time, some touching, some of no length, some ending sentences."""
    cursor, found = 0.0, []
    for text in draw(
        st.lists(
            st.sampled_from(["one", "two", "three.", "four?", "five,"]), min_size=least, max_size=30
        )
    ):
        start = round(cursor + draw(st.sampled_from([0.0, 0.0, 0.1, 0.6, 2.0])), 3)
        cursor = round(start + draw(st.sampled_from([0.0, 0.2, 0.3, 0.8])), 3)
        found.append(Word(start, cursor, text, 0.9))
    return found


@st.composite
def turn_lists(draw, exclusive=False):
    """Turns; without overlap where asked."""
    if not exclusive:
        pairs = draw(st.lists(st.tuples(times, times, labels), max_size=12))
        return [Turn(min(a, b), max(a, b), label) for a, b, label in pairs if a != b]
    edges = sorted(set(draw(st.lists(times, max_size=20))))
    pairs = [pair for pair in pairwise(edges) if draw(st.booleans())]
    return [Turn(start, end, draw(labels)) for start, end in pairs]


def recognised(words: list[Word], chance: random.Random) -> Recognition:
    """The words in segments of random length."""
    segments, at = [], 0
    while at < len(words):
        size = chance.randint(1, 6)
        part = tuple(words[at : at + size])
        segments.append(Segment(part[0].start, max(word.end for word in part), part))
        at += size
    return Recognition(language="en", language_confidence=1.0, segments=tuple(segments), engine="x")


def heard(turns: list[Turn], exclusive: list[Turn]) -> Diarization:
    return Diarization(
        turns=tuple(turns), exclusive_turns=tuple(exclusive), embeddings={}, engine="y"
    )


class TestNothingIsLost:
    @given(word_lists(), turn_lists(), turn_lists(exclusive=True), st.integers(0, 9))
    def test_every_word_is_there_exactly_once_in_order(self, words, turns, exclusive, seed):
        """Attribution labels and cuts; it never drops, doubles or reorders."""
        segments = attribute(recognised(words, random.Random(seed)), heard(turns, exclusive))
        result = [word for segment in segments for word in segment.words]
        assert [(word.start, word.end, word.text, word.confidence) for word in result] == [
            (word.start, word.end, word.text, word.confidence) for word in words
        ]

    @given(word_lists(), turn_lists(exclusive=True), st.integers(0, 9))
    def test_every_segment_is_by_one_speaker(self, words, exclusive, seed):
        """And it is the speaker of each of its words."""
        for segment in attribute(
            recognised(words, random.Random(seed)), heard(exclusive, exclusive)
        ):
            assert {word.speaker for word in segment.words} == {segment.speaker}

    @given(word_lists(least=1), turn_lists(exclusive=True))
    def test_a_segment_covers_its_words(self, words, exclusive):
        """Times of a piece are those of its words."""
        for segment in attribute(recognised(words, random.Random(1)), heard(exclusive, exclusive)):
            assert segment.start <= min(word.start for word in segment.words)
            assert segment.end >= max(word.end for word in segment.words)


class TestAssignment:
    @given(word_lists(), turn_lists())
    def test_order_of_turns_does_not_matter(self, words, turns):
        """Speaker assignment depends on what was said when, not on how turns are listed."""
        assert assign_speakers(words, turns, turns) == assign_speakers(
            words, turns[::-1], turns[::-1]
        )

    @given(word_lists(least=1), turn_lists())
    def test_every_word_gets_somebody_where_anybody_speaks(self, words, turns):
        """A word of nobody helps nobody; a doubt says how sure it is."""
        assume(turns)
        assert all(word.speaker is not None for word in assign_speakers(words, turns))

    @given(word_lists())
    def test_without_turns_words_keep_their_speaker(self, words):
        """Nothing is known, so nothing is changed."""
        assert assign_speakers(words, []) == words

    @given(word_lists(), turn_lists())
    def test_a_word_has_the_speaker_who_covers_most_of_it(self, words, turns):
        """Checked against the definition, by brute force."""
        for before, after in zip(words, assign_speakers(words, turns), strict=True):
            shares: dict[str, float] = {}
            for turn in turns:
                shares[turn.speaker] = shares.get(turn.speaker, 0.0) + turn.overlap(before)
            if any(shares.values()):
                assert shares[after.speaker] == pytest.approx(max(shares.values()))

    @given(word_lists(), turn_lists())
    def test_a_word_that_no_turn_touches_goes_to_the_nearest(self, words, turns):
        """Also when a long turn began far before."""
        for before, after in zip(words, assign_speakers(words, turns), strict=True):
            touched = any(
                turn.overlap(before) > 0 or turn.start <= before.start < turn.end for turn in turns
            )
            if turns and not touched:
                nearest = min(turn.distance(before) for turn in turns)
                assert any(
                    turn.distance(before) == nearest and turn.speaker == after.speaker
                    for turn in turns
                )
                assert Doubt.NO_TURN in after.doubts

    def test_ties_go_to_the_label_that_sorts_first(self):
        """So the result never depends on chance."""
        word = Word(0.0, 2.0, "both")
        turns = [Turn(1.0, 2.0, "B"), Turn(0.0, 1.0, "A")]
        assert assign_speakers([word], turns)[0].speaker == "A"

    def test_a_word_of_no_length_takes_the_turn_it_lies_in(self):
        """Engines give such words; they are no reason for doubt."""
        word = assign_speakers([Word(1.0, 1.0, "a")], [Turn(0.0, 0.9, "A"), Turn(0.95, 2.0, "B")])[
            0
        ]
        assert (word.speaker, word.doubts) == ("B", ())

    def test_a_clear_word_has_no_doubt(self):
        """Doubt is the exception."""
        assert assign_speakers([Word(0.0, 1.0, "a")], [Turn(0.0, 5.0, "A")])[0].doubts == ()

    def test_a_shared_word_is_doubtful(self):
        """Less than three quarters for one speaker."""
        turns = [Turn(0.0, 0.6, "A"), Turn(0.6, 1.0, "B")]
        assert assign_speakers([Word(0.0, 1.0, "a")], turns)[0].doubts == (Doubt.SHARED,)
        turns = [Turn(0.0, 0.8, "A"), Turn(0.8, 1.0, "B")]
        assert assign_speakers([Word(0.0, 1.0, "a")], turns)[0].doubts == ()

    def test_overlapped_words_are_marked(self):
        """Somebody else speaks through most of it."""
        exclusive, turns = [Turn(0.0, 2.0, "A")], [Turn(0.0, 2.0, "A"), Turn(0.9, 2.0, "B")]
        first, second = assign_speakers(
            [Word(0.0, 1.0, "a"), Word(1.0, 2.0, "b")], exclusive, turns
        )
        assert first.doubts == ()
        assert second.doubts == (Doubt.OVERLAP,)


class TestSentences:
    @given(word_lists())
    def test_sentences_cover_all_words_in_order(self, words):
        """Each word belongs to one sentence."""
        assert [index for sentence in sentences(words) for index in sentence] == list(
            range(len(words))
        )

    def test_a_pause_ends_a_sentence(self):
        """Recognisers leave out full stops."""
        words = [Word(0, 1, "one"), Word(1, 2, "two"), Word(3.5, 4, "three")]
        assert [list(sentence) for sentence in sentences(words)] == [[0, 1], [2]]

    @pytest.mark.parametrize("text", ["end.", "end?", "end!", 'end."', "end.)", "完。", "end…"])
    def test_punctuation_ends_a_sentence(self, text):
        """Also inside quotes and brackets, also in other scripts."""
        assert len(list(sentences([Word(0, 1, text), Word(1, 2, "next")]))) == 2

    @pytest.mark.parametrize("text", ["and,", "then;", "so:", "3.5", "", '"'])
    def test_other_marks_do_not(self, text):
        """A comma is no end."""
        assert len(list(sentences([Word(0, 1, text), Word(1, 2, "next")]))) == 1


class TestStrayWords:
    def labelled(self, text: str, speakers: str) -> list[Word]:
        found = spoken(text, 0.0, 0.4 * len(speakers))
        return [
            replace(word, speaker=speaker) for word, speaker in zip(found, speakers, strict=True)
        ]

    def speakers(self, words: list[Word]) -> str:
        return "".join(word.speaker for word in rejoin_stray_words(words))

    def test_the_last_word_of_a_sentence_goes_with_it(self):
        """The turn edge fell a word early."""
        assert (
            self.speakers(self.labelled("we will see you tomorrow. fine then", "AAAABBB"))
            == "AAAAABB"
        )

    def test_the_first_word_of_a_sentence_goes_with_it(self):
        """The turn edge fell a word late."""
        assert self.speakers(self.labelled("good bye. when do you leave", "AAABBBB"[:6])) in (
            "AABBBB",
            "AAABBB",
        )

    def test_a_moved_word_says_so(self):
        """The turns said otherwise: that is a doubt."""
        moved = rejoin_stray_words(self.labelled("we will see you tomorrow. fine", "AAAABB"))[4]
        assert moved.speaker == "A"
        assert moved.doubts == (Doubt.MOVED,)

    def test_an_answer_of_one_word_stays(self):
        """A sentence of its own is a backchannel, not a stray."""
        assert (
            self.speakers(self.labelled("do you want some tea? yes. then come", "AAAAABAA"))
            == "AAAAABAA"
        )

    def test_a_word_with_a_turn_of_its_own_stays(self):
        """Somebody interrupts, in the middle of a sentence or at its end."""
        assert self.speakers(self.labelled("i was about to stop. say so", "AAAABAA")) == "AAAABAA"
        assert self.speakers(self.labelled("i was about to go.", "AAAAB")) == "AAAAB"

    def test_two_words_that_are_the_neighbours_last_stay(self):
        """Nobody goes on beyond them."""
        assert self.speakers(self.labelled("we will see you tomorrow then", "AAAABB")) == "AAAABB"

    def test_two_words_go_with_their_sentence_too(self):
        """The turn edge fell two words early."""
        said = "you don't mean that you thought me so silly. you should make"
        assert self.speakers(self.labelled(said, "AAAAAAABBBBB")) == "AAAAAAAAABBB"

    def test_three_words_stay(self):
        """That is a turn of its own."""
        assert (
            self.speakers(self.labelled("we will see you tomorrow then. fine", "AAABBBB"))
            == "AAABBBB"
        )

    def test_a_short_sentence_does_not_pull(self):
        """Two words are not enough to be sure."""
        assert self.speakers(self.labelled("see you tomorrow.", "AAB")) == "AAB"

    def test_a_sentence_of_two_people_does_not_pull(self):
        """There is no one to go with."""
        assert self.speakers(self.labelled("one two three four five six.", "AABBAC")) == "AABBAC"

    def test_a_word_after_a_gap_stays(self):
        """It is somebody's own."""
        words = self.labelled("we will see you tomorrow.", "AAAAB")
        words[-1] = words[-1].shifted(STRAY_GAP + 0.1)
        assert self.speakers(words) == "AAAAB"

    @given(word_lists(), turn_lists(exclusive=True))
    def test_only_speakers_change(self, words, exclusive):
        """Moving a word changes nothing else about it."""
        before = assign_speakers(words, exclusive)
        for old, new in zip(before, rejoin_stray_words(before), strict=True):
            assert replace(new, speaker=old.speaker, doubts=old.doubts) == old


class TestSplitting:
    def test_a_segment_is_cut_where_the_speaker_changes(self):
        """Each piece keeps the decoder's numbers."""
        words = (
            Word(0, 1, "a", speaker="A"),
            Word(1, 2, "b", speaker="B"),
            Word(2, 3, "c", speaker="B"),
        )
        pieces = split_by_speaker(Segment(0, 3.5, words, mean_log_probability=-0.2))
        assert [(piece.speaker, piece.text) for piece in pieces] == [("A", "a"), ("B", "b c")]
        assert {piece.mean_log_probability for piece in pieces} == {-0.2}
        assert [(piece.start, piece.end) for piece in pieces] == [(0, 1), (1, 3)]

    def test_a_segment_of_one_speaker_stays_whole(self):
        """Times that the recogniser gave are kept."""
        segment = Segment(0, 3.5, (Word(0.5, 1, "a", speaker="A"),))
        assert split_by_speaker(segment) == [replace(segment, speaker="A")]

    def test_an_empty_segment_stays(self):
        """Nothing to cut."""
        segment = Segment(0, 1, ())
        assert split_by_speaker(segment) == [segment]


def test_tally_counts_in_order_of_first_appearance():
    """Overlapped speech counts for both."""
    turns = [Turn(5, 6, "A"), Turn(0, 3, "B"), Turn(2, 4, "A")]
    assert [(speaker.label, speaker.speech) for speaker in tally(turns)] == [("B", 3.0), ("A", 3.0)]
    assert tally([]) == ()


class TestProbability:
    turns = (Turn(0.0, 1.0, "A"), Turn(1.0, 2.0, "B"))

    def test_a_word_goes_to_who_probably_speaks(self):
        """Whatever the turn's edge says."""
        heard = Activity({"A": "9" * 26 + "0" * 14, "B": "0" * 26 + "9" * 14})
        (word,) = assign_speakers([Word(1.0, 1.3, "well")], self.turns, self.turns, heard)
        assert word.speaker == "A"
        assert word.speaker_confidence == 1.0
        assert word.doubts == (Doubt.OVERLAP,)

    def test_two_as_probable_are_a_doubt(self):
        """And half a confidence."""
        heard = Activity({"A": "5" * 40, "B": "5" * 40})
        (word,) = assign_speakers([Word(0.5, 0.8, "well")], self.turns, self.turns, heard)
        assert (word.speaker, word.speaker_confidence, word.doubts) == ("A", 0.5, (Doubt.SHARED,))

    def test_a_turn_in_which_nobody_probably_speaks_still_counts(self):
        """A gap that was filled."""
        (word,) = assign_speakers(
            [Word(0.5, 0.8, "well")], self.turns, self.turns, Activity({"A": "0" * 40})
        )
        assert (word.speaker, word.speaker_confidence) == ("A", None)

    def test_speech_outside_of_turns_counts_when_it_is_probable(self):
        """A turn may have been too short to be one."""
        heard = Activity({"A": "0" * 80, "B": "0" * 60 + "8" * 20})
        likely, unlikely = assign_speakers(
            [Word(3.2, 3.6, "yes"), Word(2.4, 2.6, "um")], self.turns, self.turns, heard
        )
        assert (likely.speaker, likely.doubts) == ("B", ())
        assert (unlikely.speaker, unlikely.doubts, unlikely.speaker_confidence) == (
            "B",
            (Doubt.NO_TURN,),
            None,
        )

    def test_several_words_stray_only_where_their_speaker_is_a_toss_up(self):
        """Three words in the neighbour's turn, sure and unsure."""
        said = spoken("he said. the gut and the gut being cut", 0.0, 4.5)
        for sure, expected in ((0.9, "AAAAABBBB"), (0.55, "AABBBBBBB")):
            words = [
                replace(
                    word,
                    speaker="A" if at < 5 else "B",
                    speaker_confidence=0.9 if at < 2 or at > 4 else sure,
                )
                for at, word in enumerate(said)
            ]
            assert "".join(word.speaker for word in rejoin_stray_words(words)) == expected

    @given(
        st.text("0123456789", max_size=60),
        st.text("0123456789", max_size=60),
        st.floats(0, 5),
        st.floats(0, 2),
    )
    def test_a_confidence_is_a_probability(self, one, other, start, length):
        """For words anywhere, past the end too."""
        (word,) = assign_speakers(
            [Word(start, start + length, "word")],
            self.turns,
            self.turns,
            Activity({"A": one, "B": other}),
        )
        assert word.speaker in {"A", "B"}
        assert word.speaker_confidence is None or 0.5 - 1e-3 <= word.speaker_confidence <= 1.0


class TestSpeakerConfidence:
    @staticmethod
    def confidences(
        levels: dict[str, str], speakers: str = "AAA", edge: float = 2.0
    ) -> list[float]:
        """Of words a second apart; A's turn ends at *edge* and B's begins there."""
        turns = (Turn(0.0, edge, "A"), Turn(edge, 4.0, "B"))
        diarization = Diarization(
            turns=turns,
            exclusive_turns=turns,
            embeddings={},
            engine="x",
            activity=Activity(levels),
        )
        words = [
            Word(at + 0.2, at + 0.5, "yes", speaker=speaker) for at, speaker in enumerate(speakers)
        ]
        return [word.speaker_confidence for word in with_speaker_confidence(words, diarization)]

    def test_a_speaker_who_probably_speaks_is_surer(self):
        """Whoever else does."""
        alone, together, hardly = (
            self.confidences({"A": own * 80, "B": other * 80})[0]
            for own, other in (("9", "0"), ("9", "9"), ("2", "9"))
        )
        assert 0.0 < hardly < together < alone < 1.0

    def test_words_near_the_edge_of_a_turn_are_less_sure(self):
        """The edge is known to a few tenths of a second."""
        levels = {"A": "9" * 80, "B": "0" * 80}
        middle, near = (self.confidences(levels, edge=edge)[1] for edge in (4.0, 1.4))
        assert near < middle

    def test_a_word_that_moved_is_judged_by_its_new_speaker(self):
        """What spoke for the former one speaks against it."""
        levels = {"A": "9" * 80, "B": "1" * 80}
        kept, moved = self.confidences(levels, "AB")
        assert moved < kept

    def test_an_engine_that_does_not_say_gives_none(self):
        """No figure is better than a guess."""
        assert self.confidences({}) == [None, None, None]
