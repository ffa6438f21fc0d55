"""Editing as values: what applies can be undone, and finds its words in other versions."""

import json
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from random_edits import applicable, operations, transcripts

from trax.errors import InputError, InvalidDocument, InvalidOption, NotFound
from trax.revision import (
    AddSpeaker,
    Delete,
    Insert,
    Join,
    Label,
    Relabel,
    RemoveSpeaker,
    Rename,
    Replace,
    Restore,
    Split,
    apply,
    inverse,
    operation_from,
    rebase,
    relabelled,
    restored,
    undone,
)
from trax.testing import transcript
from trax.transcript import (
    Doubt,
    Edit,
    EditKind,
    Enhancement,
    Notes,
    Reason,
    Removed,
    Segment,
    Span,
    Speaker,
    Transcript,
    Word,
    identified,
)
from trax.transcript.codec import from_json, to_json
from trax.transcript.identity import without_ids


class TestInverse:
    @given(st.data())
    def test_what_applies_is_undone(self, data):
        """To the same document, to the last field."""
        document = data.draw(transcripts())
        operation = data.draw(operations(document))
        after = applicable(document, operation)
        assert apply(after, inverse(document, operation)) == document

    @given(st.data())
    def test_what_was_undone_can_be_done_again(self, data):
        """The inverse has an inverse."""
        document = data.draw(transcripts())
        operation = data.draw(operations(document))
        after = applicable(document, operation)
        back = inverse(document, operation)
        assert apply(apply(after, back), inverse(after, back)) == after

    @given(st.data())
    def test_several_are_undone_in_turn(self, data):
        """The last one first."""
        document = current = data.draw(transcripts())
        history = []
        for _ in range(3):
            operation = data.draw(operations(current))
            try:
                after = apply(current, operation)
            except InputError:
                continue
            history.append(inverse(current, operation))
            current = after
            assume(current.words)
        for operation in reversed(history):
            current = apply(current, operation)
        assert current == document


class TestInvariants:
    @given(st.data())
    def test_a_document_stays_sound(self, data):
        """Words have ids of their own and one speaker a segment, and lie within it in order."""
        document = data.draw(transcripts())
        after = applicable(document, data.draw(operations(document)))
        ids = [word.id for word in after.words]
        assert len(set(ids)) == len(ids)
        for segment in after.segments:
            assert {word.speaker for word in segment.words} == {segment.speaker}
            assert all(segment.start <= w.start <= w.end <= segment.end for w in segment.words)
            assert [w.start for w in segment.words] == sorted(w.start for w in segment.words)
        if after.notes:
            assert len(after.notes.translations["de"]) == len(after.segments)

    @given(st.data())
    def test_a_document_can_be_kept(self, data):
        """As JSON, as any other; operations too."""
        document = data.draw(transcripts())
        operation = data.draw(operations(document))
        after = applicable(document, operation)
        assert from_json(Transcript, to_json(after), "x") == after
        for each in (operation, inverse(document, operation)):
            assert operation_from(json.loads(to_json(each)), "x") == each

    def test_only_what_is_named_changes(self):
        """A corrected word keeps id, time and speaker."""
        document = transcript()
        word = document.words[3]
        after = apply(document, Replace(word=word.id, text="thanks"))
        assert after.words[3] == replace(word, text="thanks", confidence=1.0)
        assert [*after.words[:3], *after.words[4:]] == [*document.words[:3], *document.words[4:]]

    def test_words_that_people_gave_to_somebody_are_beyond_doubt(self):
        """A segment is cut for them."""
        document = transcript()
        doubtful = replace(document.words[0], doubts=(Doubt.SHARED,), speaker_confidence=0.5)
        first = document.segments[0]
        first = replace(first, words=(doubtful, *first.words[1:]))
        document = replace(document, segments=(first, *document.segments[1:]))
        after = apply(document, relabelled([doubtful.id], "SPEAKER_01"))
        assert [segment.speaker for segment in after.segments[:2]] == ["SPEAKER_01", "SPEAKER_00"]
        assert after.words[0].doubts == ()
        assert after.words[0].speaker_confidence == 1.0

    def test_a_new_speaker_is_credited_with_their_words(self):
        """Turns know nothing of them; the others' totals are those of the turns."""
        document = transcript()
        after = apply(document, AddSpeaker(speaker=Speaker(label="NEW", speech=0.0)))
        words = document.segments[0].words
        after = apply(after, relabelled([word.id for word in words], "NEW"))
        assert after.speakers[-1].speech == pytest.approx(5.0)
        assert after.speakers[:2] == document.speakers

    def test_a_segment_without_words_goes_with_its_translation(self):
        """And comes back with it."""
        document = transcript()
        notes = Notes(model="m", translations={"de": ("eins", "zwei", "drei")})
        document = replace(document, notes=notes)
        gone = Delete(words=tuple(word.id for word in document.segments[1].words))
        after = apply(document, gone)
        assert after.notes.translations == {"de": ("eins", "drei")}
        assert apply(after, inverse(document, gone)) == document

    def test_joined_segments_have_both_texts(self):
        """A split leaves the translation with the first."""
        document = transcript()
        notes = Notes(model="m", translations={"de": ("eins", "zwei", "drei")})
        document = replace(document, notes=notes)
        split = apply(document, Split(before=document.words[2].id))
        assert split.notes.translations == {"de": ("eins", "", "zwei", "drei")}
        joined = apply(split, Join(word=document.words[2].id))
        assert joined == document

    def test_all_words_may_go_and_come_back(self):
        """A document without words is one."""
        document = replace(transcript(), segments=transcript().segments[:1])
        gone = Delete(words=tuple(word.id for word in document.words))
        assert apply(document, gone).segments == ()
        assert apply(apply(document, gone), inverse(document, gone)) == document


class TestRefusals:
    document = transcript()
    first = document.words[0]
    last = document.segments[0].words[-1]

    @pytest.mark.parametrize(
        "operation",
        [
            Replace(word="?", text="x"),
            Delete(words=("?",)),
            Insert(words=(Word(0, 0, "x", id="n"),), after="?"),
            Split(before="?"),
            Join(word="?"),
            relabelled(["?"], None),
            relabelled([first.id], "nobody"),
            Rename(speaker="nobody", name="Ada"),
            RemoveSpeaker(speaker="nobody"),
            Restore(word="?"),
        ],
        ids=lambda operation: operation.kind,
    )
    def test_what_is_not_there_is_not_found(self, operation):
        """One sentence says what."""
        with pytest.raises(NotFound, match="there is no"):
            apply(self.document, operation)

    @pytest.mark.parametrize(
        ("operation", "reason"),
        [
            (Replace(word=first.id, text=""), "text without spaces"),
            (Replace(word=first.id, text=" a"), "text without spaces"),
            (Delete(words=()), "at least one word"),
            (Delete(words=(first.id, last.id)), "side by side"),
            (Delete(words=(first.id,), span=Span(4.0, 5.0)), "outside of its segment"),
            (Relabel(labels=()), "at least one word"),
            (Split(before=first.id), "begins with this word already"),
            (Join(word=first.id), "follows another"),
            (Join(word=last.id), "follows another"),
            (Join(word=document.segments[1].words[0].id), "of one speaker"),
            (Rename(speaker="SPEAKER_00", name=" "), "not empty"),
            (RemoveSpeaker(speaker="SPEAKER_00"), "has words or turns"),
            (AddSpeaker(speaker=Speaker(label="SPEAKER_00", speech=0.0)), "label of their own"),
            (Insert(words=(), after=first.id), "at least one word"),
            (Insert(words=(Word(0, 0, "x"),), after=first.id), "needs an id"),
            (Insert(words=(first,), after=first.id), "needs an id"),
            (Insert(words=(Word(0, 0, "", id="n"),), after=first.id), "text without spaces"),
            (Insert(words=(Word(0, 0, "x", id="n"),)), "after a word or before one"),
            (Insert(words=(Word(0, 0, "x", id="n"),), after=last.id), "starts before"),
            (Insert(words=(Word(9, 9, "x", id="n"),), before=first.id), "starts before"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, operation, reason):
        """And nothing is changed."""
        with pytest.raises(InvalidOption, match=reason):
            apply(self.document, operation)

    @pytest.mark.parametrize("raw", [None, [], {}, {"kind": "explode"}, {"kind": "replace"}])
    def test_what_is_no_operation_is_refused(self, raw):
        """With the name that the caller gave."""
        with pytest.raises(InvalidDocument, match="cannot understand row 7"):
            operation_from(raw, "row 7")


class TestRebase:
    document = transcript()

    def later(self, **changes: object) -> Transcript:
        """The document as another run made it: "morning" is heard a little later."""
        words = list(self.document.segments[0].words)
        words[1] = replace(words[1], start=words[1].start + 0.1, **changes)
        first = replace(self.document.segments[0], words=tuple(words))
        return identified(
            replace(without_ids(self.document), segments=(first, *self.document.segments[1:]))
        )

    def moved(self, **changes: object) -> Transcript:
        return identified(without_ids(self.later(**changes)))

    def test_the_same_words_are_found_by_their_ids(self):
        """Every operation applies."""
        operation = Replace(word=self.document.words[4].id, text="thank")
        found = rebase([operation], self.document, self.moved())
        assert (found.operations, found.misfits) == ((operation,), ())
        assert found.transcript.words[4].text == "thank"

    def test_a_word_that_moved_is_found_by_time_and_text(self):
        """It has another id in the new version."""
        new = self.moved()
        word = self.document.words[1]
        assert word.id != new.words[1].id
        found = rebase([Replace(word=word.id, text="evening,")], self.document, new)
        assert found.operations == (Replace(word=new.words[1].id, text="evening,"),)
        assert found.transcript.words[1].text == "evening,"

    def test_a_word_that_is_gone_is_a_misfit(self):
        """With the operation and why."""
        operation = Replace(word=self.document.words[1].id, text="evening,")
        found = rebase([operation], self.document, self.moved(text="warning,"))
        assert [each.operation for each in found.misfits] == [operation]
        assert "not clearly one" in found.misfits[0].reason
        assert found.operations == ()

    def test_a_word_that_the_new_version_heard_right_is_no_misfit(self):
        """What people made of it stands, and what they did beside it."""
        new = self.moved(text="evening,")
        word = self.document.words[1]
        made = Word(word.end, word.end, "my", id="new")
        wanted = [Replace(word=word.id, text="evening,"), Insert(words=(made,), after=word.id)]
        found = rebase(wanted, self.document, new)
        assert found.misfits == ()
        assert [each.text for each in found.transcript.words[:3]] == ["Good", "evening,", "my"]
        assert found.transcript.words[1].confidence == 1.0

    def test_two_equal_words_are_not_clear(self):
        """Never a guess."""
        old = replace(self.document, segments=self.document.segments[:1])
        twice = (Word(0.0, 0.2, "no", id="a"), Word(0.3, 0.5, "no", id="b"))
        segment = replace(old.segments[0], words=twice)
        old = replace(old, segments=(segment,))
        once = replace(old, segments=(replace(segment, words=(replace(twice[0], id="c"),)),))
        assert len(rebase([Delete(words=("b",))], old, once).misfits) == 1
        assert len(rebase([Delete(words=("c",))], once, old).misfits) == 1

    def test_each_word_of_a_speaker_s_is_carried_over_by_itself(self):
        """One that is gone does not take the others with it."""
        words = [word.id for word in self.document.segments[0].words]
        operation = relabelled(words, "SPEAKER_01")
        found = rebase([operation], self.document, self.moved(text="warning,"))
        assert found.transcript.words[0].speaker == "SPEAKER_01"
        (misfit,) = found.misfits
        assert misfit.operation == Relabel(labels=(Label(word=words[1], speaker="SPEAKER_01"),))

    def test_later_operations_see_what_earlier_ones_put_in(self):
        """Words that people put in have ids of their own."""
        last = self.document.segments[0].words[-1]
        new = Word(last.end, last.end, "now?", 1.0, id="mine")
        done = [
            Insert(words=(new,), after=last.id),
            Replace(word="mine", text="then?"),
            Split(before="mine"),
        ]
        found = rebase(done, self.document, self.moved())
        assert found.misfits == ()
        assert found.transcript.segments[1].text == "then?"

    @given(st.data())
    @pytest.mark.slow
    def test_nothing_is_lost(self, data):
        """On the same version all apply; on another each applies or is a misfit."""
        old = data.draw(transcripts())
        new = data.draw(transcripts())
        operation = data.draw(operations(old))
        applicable(old, operation)
        same = rebase([operation], old, old)
        assert same.transcript == apply(old, operation)
        assert same.misfits == ()
        found = rebase([operation], old, new)
        assert found.operations or found.misfits


class TestUndoing:
    def corrected(self) -> Transcript:
        """One in which "cup tee" became "cuppa", and "biron" Byron."""
        words = (
            Word(0.0, 1.0, "a"),
            Word(1.0, 3.0, "cuppa"),
            Word(3.0, 4.0, "Byron,"),
            Word(4.0, 5.0, "said"),
        )
        edits = (
            Edit(1.0, 3.0, EditKind.WORDING, "correct", "cup tee", "cuppa"),
            Edit(3.0, 4.0, EditKind.WORDING, "correct", "biron", "byron"),
            Edit(3.0, 4.0, EditKind.FORM, "punctuate", "byron", "Byron,"),
        )
        plain = without_ids(transcript())
        enhancement = Enhancement(model="m", edits=edits)
        segments = (Segment(0.0, 5.0, words),)
        return identified(replace(plain, segments=segments, enhancement=enhancement))

    def test_words_are_found_by_their_ids(self):
        """Wherever they went since."""
        document = self.corrected()
        split = apply(document, Split(before=document.words[2].id))
        later = tuple(replace(w, start=w.start + 0.05) for w in split.segments[1].words)
        moved = replace(split.segments[1], words=later)
        document = replace(split, segments=(split.segments[0], moved))
        assert undone(document, [3]).text == "a cuppa byron said"
        assert undone(document).text == "a cup tee biron said"

    def test_several_words_share_the_time_by_their_letters(self):
        """And the first one keeps its id."""
        document = self.corrected()
        after = undone(document, [1])
        assert [(word.text, word.start, word.end) for word in after.words[1:3]] == [
            ("cup", 1.0, 2.0),
            ("tee", 2.0, 3.0),
        ]
        assert after.words[1].id == document.words[1].id
        assert len(after.enhancement.edits) == 2

    def test_what_a_person_changed_is_not_undone(self):
        """One sentence says why."""
        document = self.corrected()
        document = apply(document, Replace(word=document.words[1].id, text="coffee"))
        with pytest.raises(InvalidOption, match="changed again since"):
            undone(document, [1])

    def test_words_that_moved_apart_are_not_undone_as_one(self):
        """There would be no place for one in two segments."""
        document = self.corrected()
        two = replace(document.enhancement.edits[0], before="acup", after="a cuppa", start=0.0)
        two = replace(two, words=tuple(word.id for word in document.words[:2]))
        document = replace(document, enhancement=Enhancement(model="m", edits=(two,)))
        apart = apply(document, Split(before=document.words[1].id))
        assert undone(document).text == "acup Byron, said"
        with pytest.raises(InvalidOption, match="changed again since"):
            undone(apart)


def test_restored_words_have_ids():
    """The ones that they had while they were removed."""
    gone = Removed(reason=Reason.REPEAT, words=(Word(4.9, 5.0, "begin?", 0.3),))
    document = identified(replace(transcript(), removed=(gone,)))
    (word,) = document.removed[0].words
    assert word.id in [each.id for each in restored(document, [1]).words]
