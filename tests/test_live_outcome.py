"""What people decided while a session ran survives in the transcript that is made of it."""

import pytest

from trax.live.captions import Captions, captions_of
from trax.live.events import Assigned, Corrected, Named, Said, Spoken
from trax.live.outcome import outcome
from trax.merge import tally
from trax.testing.samples import transcript
from trax.transcript import Segment, Turn, Word, identified


def said(*parts):
    """Words half a second each, with ids that tell their number; a part is a speaker's text."""
    words = []
    for speaker, text in parts:
        for each in text.split():
            at = len(words)
            words.append(Word(at / 2, at / 2 + 0.4, each, 0.9, speaker, id=f"live{at}"))
    return words


def live(*parts, decisions=()):
    words = said(*parts)
    labels = {word.id: word.speaker for word in words}
    events = [Said(committed=tuple(words), heard=99.0), Spoken(words=labels, names={})]
    return captions_of([*events, *decisions])


def final(*parts):
    """A transcript whose words are those of *parts*, with its own ids."""
    segments = []
    number = 0
    for speaker, text in parts:
        count = len(text.split())
        words = said(*parts)[number : number + count]
        number += count
        plain = tuple(Word(w.start, w.end, w.text, 0.9, speaker) for w in words)
        segments.append(Segment(words[0].start, words[-1].end, plain, speaker))
    turns = tuple(Turn(each.start, each.end, each.speaker) for each in segments)
    from dataclasses import replace

    made = replace(
        transcript(),
        segments=tuple(segments),
        turns=turns,
        exclusive_turns=turns,
        speakers=tally(segments),
        removed=(),
        paragraphs=(),
    )
    return identified(made)


def text_of(found):
    return " ".join(word.text for word in found.document.words)


HEARD = (("SPEAKER_00", "we went to sintra by rail"), ("SPEAKER_01", "how nice for you"))


def test_a_correction_stays_where_the_word_was_read_alike():
    """With its new text; the rest is untouched."""
    captions = live(*HEARD, decisions=[Corrected(word="live3", text="Cintra")])
    found = outcome(captions, final(*HEARD))
    assert text_of(found) == "we went to Cintra by rail how nice for you"
    assert found.misfits == []


def test_a_correction_stays_where_the_word_was_read_otherwise():
    """What the better model misheard is corrected too."""
    read = (("SPEAKER_00", "we went to centre by rail"), HEARD[1])
    captions = live(*HEARD, decisions=[Corrected(word="live3", text="Cintra")])
    assert text_of(outcome(captions, final(*read))).startswith("we went to Cintra by rail")


def test_a_correction_that_the_better_model_made_itself_changes_nothing():
    """There is nothing left to do."""
    read = (("SPEAKER_00", "we went to Cintra, by rail"), HEARD[1])
    captions = live(*HEARD, decisions=[Corrected(word="live3", text="Cintra")])
    found = outcome(captions, final(*read))
    assert found.operations == []


def test_a_word_that_the_better_model_did_not_hear_is_put_in():
    """Somebody has heard it."""
    captions = live(*HEARD, decisions=[Corrected(word="live3", text="Cintra")])
    made = final(*HEARD)
    from dataclasses import replace

    first = made.segments[0]
    without = replace(first, words=first.words[:3] + first.words[4:])
    found = outcome(captions, replace(made, segments=(without, *made.segments[1:])))
    assert text_of(found) == "we went to Cintra by rail how nice for you"


@pytest.mark.parametrize("text", ["Cintra and Lisbon", "", "two words"])
def test_a_correction_may_be_several_words_or_none(text):
    """And the last correction of a word counts."""
    decisions = [Corrected(word="live3", text="x"), Corrected(word="live3", text=text)]
    found = outcome(live(*HEARD, decisions=decisions), final(*HEARD))
    expected = " ".join(["we went to", *text.split(), "by rail how nice for you"])
    assert text_of(found) == expected
    assert found.misfits == []


def test_names_go_to_whoever_says_the_same():
    """However the final diarization numbers its speakers."""
    swapped = (("SPEAKER_01", HEARD[0][1]), ("SPEAKER_00", HEARD[1][1]))
    decisions = [
        Named(speaker="SPEAKER_00", name="Anna"),
        Named(speaker="SPEAKER_01", name="Ben"),
    ]
    found = outcome(live(*HEARD, decisions=decisions), final(*swapped))
    names = {each.label: each.name for each in found.document.speakers}
    assert names == {"SPEAKER_01": "Anna", "SPEAKER_00": "Ben"}


def test_a_named_speaker_whom_the_end_does_not_know_is_one_all_the_same():
    """With the words that were theirs."""
    alone = (("SPEAKER_00", HEARD[0][1]), ("SPEAKER_00", HEARD[1][1]))
    decisions = [
        Named(speaker="SPEAKER_00", name="Anna"),
        Named(speaker="SPEAKER_01", name="Ben"),
    ]
    found = outcome(live(*HEARD, decisions=decisions), final(*alone))
    assert [each.name for each in found.document.speakers] == ["Anna", "Ben"]
    spoken = {word.speaker for word in found.document.words[-4:]}
    assert spoken == {found.document.speakers[1].label}


def test_two_speakers_with_one_name_are_one():
    """Live one person was taken for two, and whoever named them knew better."""
    parts = (("SPEAKER_00", "we went to sintra"), ("SPEAKER_02", "by rail"), HEARD[1])
    decisions = [Named(speaker=label, name="Anna") for label in ("SPEAKER_00", "SPEAKER_02")]
    found = outcome(live(*parts, decisions=decisions), final(*HEARD))
    assert [each.name for each in found.document.speakers] == ["Anna", None]
    assert [word.speaker for word in found.document.words[:6]] == ["SPEAKER_00"] * 6


def test_words_that_people_gave_to_somebody_stay_theirs():
    """Whatever the turns say."""
    decisions = [Assigned(words=("live4", "live5"), speaker="SPEAKER_01")]
    found = outcome(live(*HEARD, decisions=decisions), final(*HEARD))
    speakers = [word.speaker for word in found.document.words]
    assert speakers == ["SPEAKER_00"] * 4 + ["SPEAKER_01"] * 6


def test_ids_of_words_that_are_the_same_are_known():
    """So that links to them can be followed."""
    captions = live(*HEARD)
    made = final(*HEARD)
    found = outcome(captions, made)
    assert list(found.words.values()) == [word.id for word in made.words]


def test_nothing_decided_changes_nothing():
    """Not even with no words at all."""
    assert outcome(Captions(), final(*HEARD)).operations == []
