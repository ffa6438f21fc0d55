"""Identities of words: the same word at the same time has the same id, for good."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.testing import recognition, transcript, words
from trax.transcript import (
    Edit,
    EditKind,
    Enhancement,
    Reason,
    Recognition,
    Removed,
    Segment,
    Transcript,
    Word,
    identified,
    word_id,
)
from trax.transcript.codec import from_json, to_json
from trax.transcript.identity import former_words, without_ids


def said(*spoken: Word) -> Transcript:
    """A transcript of these words, without ids."""
    segment = Segment(spoken[0].start, spoken[-1].end, spoken)
    return replace(without_ids(transcript()), segments=(segment,), schema_version="1.4")


def corrected(*edits: Edit, spoken: tuple[Word, ...]) -> Transcript:
    return replace(said(*spoken), enhancement=Enhancement(model="m", edits=edits))


def made(start: float, end: float, before: str, after: str, kind=EditKind.WORDING) -> Edit:
    return Edit(start, end, kind, "correct", before, after)


def ids(document: Transcript) -> list[str]:
    return [word.id for word in document.words]


class TestIds:
    @pytest.mark.parametrize(
        ("start", "text", "expected"),
        [
            (4.0, "Oh", "2b8dfbe55e26"),
            (0.5, "Größe", "9535b349f5a7"),
            (0.0, "—", "c3846df7f53e"),
        ],
    )
    def test_they_are_computed_as_ever(self, start, text, expected):
        """Documents in databases are migrated again each time they are read."""
        assert word_id(start, text) == expected

    def test_case_and_punctuation_do_not_count(self):
        """A language model changes them."""
        assert word_id(1.0, "Hello,") == word_id(1.0, "hello") != word_id(1.001, "hello")

    def test_equal_words_at_the_same_time_are_counted(self):
        """In a fixed order, so that the next run counts the same."""
        document = identified(said(*[Word(1.0, 1.0, "no")] * 3))
        assert len(set(ids(document))) == 3
        assert ids(document)[0] == word_id(1.0, "no")
        assert ids(identified(said(*[Word(1.0, 1.0, "no")] * 3))) == ids(document)

    @given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["a", "b", "c."])), max_size=30))
    def test_every_word_has_its_own(self, spoken):
        """However often the same is said."""
        document = identified(
            said(*(Word(at / 10, at / 10, text) for at, text in sorted(spoken)), Word(9, 9, "z"))
        )
        assert len(set(ids(document))) == len(document.words)

    def test_they_never_change(self):
        """Whatever becomes of the word's text, time and speaker."""
        document = transcript()
        changed = tuple(
            replace(word, text="other", start=word.start + 0.01, speaker=None)
            for word in document.words
        )
        edited = replace(document, segments=(replace(document.segments[0], words=changed),))
        assert ids(identified(edited)) == ids(document)

    def test_a_word_that_is_put_in_leaves_those_of_others(self):
        """It gets one of its own."""
        document = transcript()
        first = document.segments[0]
        more = replace(first, words=(*first.words, Word(first.end, first.end, "more")))
        found = identified(replace(document, segments=(more, *document.segments[1:])))
        assert set(ids(found)) - set(ids(document)) == {word_id(first.end, "more")}

    def test_removed_words_have_ids_too(self):
        """They can come back; what stayed goes first where both are equal."""
        gone = Removed(reason=Reason.REPEAT, words=(Word(0.0, 0.1, "Good"), Word(0.2, 0.3, "day")))
        found = identified(replace(transcript(), removed=(gone,)))
        assert ids(found) == ids(transcript())
        assert [word.id for word in found.removed[0].words] == [
            word_id(0.0, "Good", {word_id(0.0, "Good")}),
            word_id(0.2, "day"),
        ]


class TestChangedWords:
    """A language model changes words before they have ids."""

    heard = tuple(words("we met lord biron there", 0.0, 5.0))

    def test_a_word_has_its_id_from_what_was_recognised(self):
        """Enhancing again with another model keeps it."""
        spoken = tuple(replace(w, text="Byron") if w.text == "biron" else w for w in self.heard)
        document = identified(corrected(made(3.0, 4.0, "biron", "Byron"), spoken=spoken))
        assert ids(document) == ids(identified(said(*self.heard)))
        assert document.enhancement.edits[0].words == (word_id(3.0, "biron"),)

    def test_edits_are_taken_back_one_after_the_other(self):
        """A word that was changed twice was recognised once."""
        edits = (
            made(3.0, 4.0, "biron", "byron"),
            made(3.0, 4.0, "byron", "Byron,", EditKind.FORM),
            made(2.0, 4.0, "lord Byron,", "Lord Byron,", EditKind.FORM),
        )
        texts = ("we", "met", "Lord", "Byron,", "there")
        spoken = tuple(replace(w, text=t) for w, t in zip(self.heard, texts, strict=True))
        document = identified(corrected(*edits, spoken=spoken))
        assert ids(document) == ids(identified(said(*self.heard)))
        assert [edit.words for edit in document.enhancement.edits] == [
            (ids(document)[3],),
            (ids(document)[3],),
            tuple(ids(document)[2:4]),
        ]

    def test_several_words_that_became_one_keep_the_first_one_s(self):
        """The others' times are not known any more."""
        spoken = (*self.heard[:2], Word(2.0, 4.0, "Lordbyron"), self.heard[4])
        edit = made(2.0, 4.0, "lord biron", "Lordbyron")
        document = identified(corrected(edit, spoken=spoken))
        heard = ids(identified(said(*self.heard)))
        assert ids(document) == [*heard[:3], heard[4]]
        assert document.enhancement.edits[0].words == (heard[2],)

    def test_joined_words_are_told_apart(self):
        """A sentence without spaces is punctuated as a whole."""
        plain = tuple(Word(at, at + 1, text, joined=True) for at, text in enumerate("你好吗我很好"))
        spoken = tuple(replace(w, text=w.text + "？" * (w.text == "吗")) for w in plain)
        edit = made(0, 6, "你好吗我很好", "你好吗？我很好", EditKind.FORM)
        document = identified(corrected(edit, spoken=spoken))
        assert ids(document) == ids(identified(said(*plain)))
        assert [w.text for w in former_words(spoken, edit.before)] == list("你好吗我很好")

    def test_what_was_refused_names_no_words(self):
        """It made none."""
        edit = replace(made(3.0, 4.0, "biron", "Byron"), rejected="it sounds different")
        document = identified(corrected(edit, spoken=self.heard))
        assert document.enhancement.edits == (edit,)

    @pytest.mark.parametrize("after", ["there", "nowhere"])
    def test_an_edit_whose_place_is_not_clear_names_no_words(self, after):
        """Two places fit, or none."""
        twice = (*self.heard[:4], Word(4.0, 4.5, "there"), Word(4.0, 4.5, "there"))
        document = identified(corrected(made(4.0, 4.5, "their", after), spoken=twice))
        assert document.enhancement.edits[0].words == ()
        assert ids(document)[4] == word_id(4.0, "there")

    @given(st.lists(st.sampled_from(["a", "bc", "d,"]), min_size=1, max_size=4))
    def test_former_words_lie_in_the_same_time(self, texts):
        """In order, with ids of their own."""
        before = former_words(words("one two", 1.0, 2.0), " ".join(texts))
        assert [word.text for word in before] == texts
        assert (before[0].start, before[-1].end) == (1.0, pytest.approx(2.0))
        assert [word.start for word in before] == sorted(word.start for word in before)


class TestDocuments:
    @pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
    def test_earlier_ones_get_the_ids_of_fresh_ones(self, version):
        """And come as the current version."""
        raw = json.loads(to_json(without_ids(transcript()))) | {"schema_version": version}
        assert "id" not in raw["segments"][0]["words"][0]
        assert from_json(Transcript, json.dumps(raw).encode(), "x") == transcript()

    def test_edits_of_earlier_ones_name_their_words(self):
        """By time and text."""
        spoken = (Word(0.0, 1.0, "lord"), Word(1.0, 2.0, "Byron"))
        fresh = corrected(made(1.0, 2.0, "biron", "Byron"), spoken=spoken)
        old = to_json(without_ids(identified(fresh)))
        assert from_json(Transcript, old, "x") == identified(fresh)

    def test_what_stages_pass_on_is_as_it_was(self):
        """Keys of checkpoints are made from these bytes."""
        document = recognition()
        edited = replace(document, enhancement=Enhancement(edits=(made(0, 1, "a", "b"),)))
        raw = json.loads(to_json(edited))
        assert raw["schema_version"] == "1.3"
        assert "id" not in raw["segments"][0]["words"][0]
        assert "words" not in raw["enhancement"]["edits"][0]
        assert from_json(Recognition, to_json(edited), "x") == edited
