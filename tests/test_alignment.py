"""Sentences beside what is wanted in their place, and the times of new words."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trax.enhance.alignment import align
from trax.enhance.placement import placed, placed_in_form
from trax.enhance.sounds import letters
from trax.transcript import Word, joined_text

tokens = st.sampled_from(["the", "The,", "canal", "15", "1.5", "it's", "its", "你好", "-", "Hale"])


@st.composite
def sentences(draw: st.DrawFn) -> list[Word]:
    """Words of a second each, some of them joined to the one before."""
    texts = draw(st.lists(tokens, min_size=1, max_size=8))
    joined = draw(st.lists(st.booleans(), min_size=8, max_size=8))
    confidences = draw(st.lists(st.floats(0, 1), min_size=8, max_size=8))
    words = []
    for at, text in enumerate(texts):
        words.append(Word(at, at + 1, text, confidences[at], joined=at > 0 and joined[at]))
    return words


def pairs(text: str, wanted: str) -> list[tuple[str, str]]:
    """The stretches of an alignment as texts."""
    words = [Word(at, at + 1, each) for at, each in enumerate(text.split())]
    stretches = align(words, wanted.split())
    return [(joined_text(each.words), " ".join(each.wanted)) for each in stretches]


class TestAlignment:
    @given(sentences(), st.lists(tokens, max_size=8))
    def test_every_word_and_every_token_is_in_one_stretch(self, words, wanted):
        """In order, so that nothing is lost or turned round."""
        stretches = align(words, wanted)
        assert [word for each in stretches for word in each.words] == words
        assert [token for each in stretches for token in each.wanted] == wanted

    @given(sentences(), st.lists(tokens, max_size=8))
    def test_a_stretch_knows_its_place(self, words, wanted):
        """Its words are those at its indices."""
        for each in align(words, wanted):
            assert tuple(words[each.first : each.past]) == each.words

    @given(sentences())
    def test_the_same_text_changes_nothing(self, words):
        """Each token stands beside itself."""
        stretches = align(words, joined_text(words).split())
        assert all(each.is_same_text for each in stretches)
        assert sum(each.changed_tokens for each in stretches) == 0

    @given(sentences(), st.lists(tokens, max_size=8))
    def test_words_without_a_space_stay_together(self, words, wanted):
        """No stretch begins with a word that is joined to the one before."""
        for each in align(words, wanted):
            assert not (each.words and each.first > 0 and each.words[0].joined)

    def test_as_many_other_words_are_paired_one_by_one(self):
        """So that each is judged by itself."""
        assert pairs("a quick fox", "a green dog") == [
            ("a", "a"),
            ("quick", "green"),
            ("fox", "dog"),
        ]

    def test_words_that_become_fewer_are_one_stretch(self):
        """There is no telling which belongs to which."""
        assert pairs("the post mortem was", "the autopsy was") == [
            ("the", "the"),
            ("post mortem", "autopsy"),
            ("was", "was"),
        ]

    def test_letters_that_move_between_words_are_one_stretch(self):
        """As many words, but the same letters in all."""
        assert pairs("an ice cream", "a nice cream")[0] == ("an ice", "a nice")

    def test_only_the_first_stretch_opens_the_sentence(self):
        """An addition before the first word opens it too."""
        words = [Word(0, 1, "so"), Word(1, 2, "it")]
        assert [each.opens for each in align(words, ["well", "so", "it"])] == [True, True, False]


class TestPlacement:
    @given(sentences(), st.lists(tokens, min_size=1, max_size=6))
    def test_new_words_fill_the_time_of_the_old_ones(self, words, wanted):
        """From the first start to the last end, one after the other."""
        new = placed(tuple(words), tuple(wanted))
        assert new[0].start == words[0].start
        assert new[-1].end == words[-1].end
        for one, following in pairwise(new):
            assert one.start <= one.end <= following.start

    @given(sentences(), st.lists(tokens, min_size=1, max_size=6))
    def test_new_words_are_as_unsure_as_the_least_sure_old_one(self, words, wanted):
        """Nothing better is known of them."""
        assume(len(words) != len(wanted))
        new = placed(tuple(words), tuple(wanted))
        assert {word.confidence for word in new} == {min(word.confidence for word in words)}
        assert [word.text for word in new] == wanted

    def test_as_many_words_keep_their_own_confidence(self):
        """Each takes the place of one."""
        old = (Word(0, 1, "a", 0.2), Word(1, 2, "b", None))
        assert [word.confidence for word in placed(old, ("c", "d"))] == [0.2, None]

    def test_time_is_shared_by_letters(self):
        """A word three times as long takes three times as long."""
        old = (Word(0.0, 1.0, "a"), Word(1.0, 2.0, "b"), Word(2.0, 4.0, "c"))
        assert [(word.start, word.end) for word in placed(old, ("abc", "d"))] == [(0, 3), (3, 4)]

    def test_nothing_takes_no_place(self):
        """An addition has no time, an omission no words."""
        assert placed((), ("word",)) == ()
        assert placed((Word(0, 1, "word"),), ()) == ()

    @given(st.lists(st.sampled_from(["你好", "世界", "吗"]), min_size=2, max_size=5), st.data())
    def test_joined_words_stay_apart_when_they_get_punctuation(self, texts, data):
        """Each word keeps its letters and its times."""
        old = tuple(Word(at, at + 1, text, joined=at > 0) for at, text in enumerate(texts))
        marks = data.draw(st.lists(st.sampled_from(["", "，"]), min_size=5, max_size=5))
        wanted = "".join(text + mark for text, mark in zip(texts, marks, strict=False))
        new = placed_in_form(old, (wanted,))
        assert [letters(word.text) for word in new] == texts
        assert [(word.start, word.end) for word in new] == [(word.start, word.end) for word in old]
        assert joined_text(new) == wanted

    @pytest.mark.parametrize("wanted", [("post-mortem",), ("post", "mortem!")])
    def test_words_with_spaces_are_placed_as_ever(self, wanted):
        """Cutting is for languages written without spaces."""
        old = (Word(0, 1, "post"), Word(1, 2, "mortem"))
        assert placed_in_form(old, wanted) == placed(old, wanted)
