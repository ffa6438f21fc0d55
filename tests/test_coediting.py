"""A transcript as a shared document, and back."""

from dataclasses import replace
from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_edits import transcripts

pytest.importorskip("pycrdt")
from trax.coediting import documents, places, slots
from trax.coediting.archive import Archive
from trax.coediting.bringing import bring
from trax.coediting.deriving import derive
from trax.coediting.lines import Letters
from trax.coediting.tokens import tokens_of
from trax.service.revisions import written
from trax.testing import transcript
from trax.testing.shared_edits import Page, copies, said, synced
from trax.transcript import Segment, Transcript, Word, identified


def saved(rooms, base: Transcript, archive: Archive) -> Transcript:
    """What the document says as a version, to which it is brought."""
    derived = derive(base, archive, documents.read(rooms))
    made = derived.transcript
    after, _, _ = written(base, derived.operations)
    assert after == made, "the operations alone make it"
    before, _, _ = written(made, derived.inverse)
    assert texts(before) == texts(base)
    archive.keep(made)
    bring(rooms, made, archive)
    return made


def texts(document: Transcript) -> list:
    return [(each.speaker, each.words) for each in document.segments if each.words]


def letters(text: str) -> str:
    return "".join(text.split())


def check(base: Transcript, made: Transcript, shown: str) -> None:
    """That a version says what people see, and whoever touched nothing lost nothing."""
    assert letters(" ".join(word.text for word in made.words)) == letters(shown)
    for segment in made.segments:
        for before, word in pairwise(segment.words):
            assert word.start >= before.start or word.id in {each.id for each in base.words}
        for word in segment.words:
            assert word.start <= word.end
            assert word.id
    names = [word.id for word in made.words]
    assert len(names) == len(set(names))
    known = {word.id: word for word in base.words}
    for word in made.words:
        if word.id in known and word.text == known[word.id].text:
            before = known[word.id]
            assert (word.start, word.end, word.confidence) == (
                before.start,
                before.end,
                before.confidence,
            )


@given(transcripts())
def test_an_unedited_document_says_what_the_version_says(base):
    """Opening a version and saving it changes nothing."""
    rooms = documents.made_of(base, 1)
    assert derive(base, Archive([base]), documents.read(rooms)).operations == ()
    assert not bring(rooms, base, Archive([base]))


@given(transcripts(), st.integers(0, 10**6))
def test_what_people_see_is_saved_and_saving_again_changes_nothing(base, seed):
    """Whatever two people do, the version says what they see; words that nobody touched are as they
    were, and a second look finds nothing to do.
    """
    archive = Archive([base])
    rooms = documents.made_of(base, 1)
    pages = [
        Page(copies(rooms), Random(seed)),
        Page(copies(rooms), Random(seed + 1), gives_ids=False),
    ]
    for _ in range(3):
        for page in pages:
            for _ in range(4):
                page.act()
        for page in pages:
            synced(rooms, page.rooms)
        shown = said(rooms)
        made = saved(rooms, base, archive)
        check(base, made, shown)
        assert letters(said(rooms)) == letters(shown)
        assert derive(made, archive, documents.read(rooms)).operations == ()
        base = made
        for page in pages:
            synced(rooms, page.rooms)
        for page in pages:
            synced(rooms, page.rooms)
        assert said(pages[0].rooms) == said(pages[1].rooms) == said(rooms)


@given(transcripts(), transcripts())
def test_a_document_can_be_brought_to_any_version(first, second):
    """Restoring a version is an edit like another."""
    rooms = documents.made_of(first, 1)
    archive = Archive([first, second])
    bring(rooms, second, archive)
    shown = [line for line in said(rooms).split("\n") if line.strip()]
    assert [line.split() for line in shown] == [
        segment.text.split() for segment in second.segments if segment.words
    ]
    assert derive(second, archive, documents.read(rooms)).operations == ()


def test_undone_changes_give_words_back_as_they_were():
    """Whoever deletes a word, has it saved, and puts it back has its time and confidence again."""
    base = identified(transcript())
    archive = Archive([base])
    rooms = documents.made_of(base, 1)
    text = documents.text_of(rooms["0"])
    word = base.words[1]
    place = str(text).index(word.text)
    del text[place : place + len(word.text) + 1]
    made = saved(rooms, base, archive)
    assert word.id not in {each.id for each in made.words}
    text.insert(place, word.text, {"w": word.id})
    text.insert(place + len(word.text), " ", {})
    again = saved(rooms, made, archive)
    assert word in again.words


@pytest.mark.parametrize("most", [3, 10])
def test_parts_follow_one_another(monkeypatch, most):
    """A long transcript lies in several parts, and a save reads them all."""
    monkeypatch.setattr(documents, "MOST_WORDS", most)
    base = identified(transcript())
    rooms = documents.made_of(base, 1)
    assert len(documents.parts_of(rooms)) > 1
    archive = Archive([base])
    assert derive(base, archive, documents.read(rooms)).operations == ()
    page = Page(rooms, Random(5))
    for _ in range(40):
        page.act()
        shown = said(rooms)
        made = saved(rooms, base, archive)
        check(base, made, shown)
        assert derive(made, archive, documents.read(rooms)).operations == ()
        base = made


def test_what_has_changed_from_end_to_end_comes_to_the_same_in_parts(monkeypatch):
    """Several places are made of it, since the time for one goes with the square of its length."""
    base = identified(
        transcript([("SPEAKER_00", "one two three"), ("SPEAKER_01", "four five six")] * 15)
    )
    archive = Archive([base])
    for seed in range(20):
        page = Page(documents.made_of(base, 1), Random(seed))
        for _ in range(60):
            page.act()
        shared = documents.read(page.rooms)
        made, counts = [], []
        for at_once in (1000, 1):
            monkeypatch.setattr(places, "_AT_ONCE", at_once)
            numbers = iter(range(1000))
            monkeypatch.setattr(slots, "new_id", lambda numbers=numbers: f"new{next(numbers)}")
            counts.append(len(list(places.changed(base.segments, shared.lines, archive))))
            made.append(derive(base, archive, shared))
        assert counts[0] < counts[1]
        assert made[0].transcript == made[1].transcript
        after, _, _ = written(base, made[1].operations)
        before, _, _ = written(after, made[1].inverse)
        assert after == made[1].transcript
        assert texts(before) == texts(base)


def test_lines_that_go_leave_none_behind_and_the_next_keeps_its_speaker():
    """Not even the first one of the text, whose break no page shows."""
    base = identified(transcript())
    rooms = documents.made_of(base, 1)
    text = documents.text_of(rooms["0"])
    following = str(text).index("\n", 1)
    text.format(following, following + 1, {"s": None})
    made = saved(rooms, base, Archive([base]))
    first, *others = [segment for segment in made.segments if segment.words]
    bring(rooms, replace(made, segments=tuple(others)), Archive([base, made]))
    assert said(rooms).count("\n") == len(others)
    assert said(rooms).startswith("\n")
    assert documents.read(rooms).lines[0].speaker == first.speaker


def test_a_word_typed_beside_one_without_a_space_is_its_own():
    """Japanese has no spaces: whoever typed it told it apart; the word before keeps its text."""
    texts = ("今日", "は", "晴れ")
    words = tuple(
        Word(at, at + 0.8, text, 0.9, "A", joined=at > 0, id=f"w{at}")
        for at, text in enumerate(texts)
    )
    base = replace(transcript(), segments=(Segment(0, 2.8, words, "A"),))
    pieces = (("今日", "w0"), ("とても", "n0"), ("は", "w1"), ("晴れ", "w2"))
    starts = accumulate((len(text) for text, _ in pieces), initial=0)
    letters = [
        Letters(start, text, word) for start, (text, word) in zip(starts, pieces, strict=False)
    ]
    found = tokens_of(letters, Archive([base]), set())
    assert [(each.text, each.word) for each in found] == list(pieces)
