"""Which words are said again in another voice, and which are left."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import InvalidOption
from trax.testing.samples import transcript, words
from trax.transcript import Segment, Span, Transcript, Turn, identified
from trax.voice.selection import LEAST_SECONDS, LEAST_WORDS, Why, selected, with_texts

ANNA, BEN = "SPEAKER_00", "SPEAKER_01"


def talk(*said: tuple[float, float, str, str], turns: tuple[Turn, ...] | None = None) -> Transcript:
    """A transcript of who said what from when to when."""
    segments = tuple(
        Segment(start, end, tuple(words(text, start, end, speaker)), speaker)
        for start, end, speaker, text in said
    )
    made = tuple(Turn(start, end, speaker) for start, end, speaker, _ in said)
    base = transcript()
    recording = replace(base.recording, duration=max(end for _, end, _, _ in said) + 1.0)
    return identified(replace(base, segments=segments, turns=turns or made, recording=recording))


def texts(selection):
    return [each.text for each in selection.utterances]


class TestUtterances:
    """What is said without a break is said again without one."""

    def test_a_pause_ends_an_utterance(self):
        """Or another speaker does."""
        found = selected(
            talk(
                (0.0, 2.0, ANNA, "this is what I said"),
                (3.0, 5.0, ANNA, "and then I said more"),
                (5.2, 7.0, BEN, "but that was not all"),
                (7.2, 9.0, ANNA, "no that was not all"),
            ),
            [ANNA],
        )
        assert texts(found) == [
            "this is what I said",
            "and then I said more",
            "no that was not all",
        ]

    def test_a_long_one_is_cut(self):
        """Engines break off long sentences; each part is long enough to be said well."""
        text = " ".join(f"word{number}" for number in range(90))
        found = selected(talk((0.0, 30.0, ANNA, text)), [ANNA])
        assert " ".join(texts(found)) == text
        assert all(each.span.duration <= 12.5 for each in found.utterances)
        assert all(len(each.words) >= LEAST_WORDS for each in found.utterances)

    def test_a_fragment_joins_its_neighbour(self):
        """The nearer one, over a pause in which nobody else speaks."""
        found = selected(
            talk((0.0, 2.0, ANNA, "this is what I said"), (2.9, 3.2, ANNA, "all right")), [ANNA]
        )
        assert texts(found) == ["this is what I said all right"]
        assert not found.left

    def test_a_fragment_that_has_none_is_left_and_listed(self):
        """Too far away, or somebody else speaks between them."""
        found = selected(
            talk(
                (0.0, 2.0, ANNA, "this is what I said"),
                (2.1, 2.5, BEN, "really"),
                (2.6, 3.0, ANNA, "yes"),
                (9.0, 9.3, ANNA, "certainly"),
            ),
            [ANNA],
        )
        assert texts(found) == ["this is what I said"]
        assert [(each.text, each.why) for each in found.left] == [
            ("yes", Why.SHORT),
            ("certainly", Why.SHORT),
        ]

    def test_words_in_overlapped_speech_are_left_and_listed(self):
        """Both voices would be replaced by one."""
        turns = (Turn(0.0, 4.0, ANNA), Turn(3.0, 6.0, BEN))
        found = selected(
            talk(
                (0.0, 4.0, ANNA, "one two three four five six seven eight"),
                (4.5, 6.0, BEN, "I do not think so"),
                turns=turns,
            ),
            [ANNA],
        )
        assert texts(found) == ["one two three four five six"]
        assert [(each.text, each.why, each.seconds) for each in found.left] == [
            ("seven eight", Why.OVERLAP, 1.0)
        ]


said = st.lists(
    st.tuples(
        st.floats(0.0, 2.0), st.floats(0.2, 20.0), st.sampled_from([ANNA, BEN]), st.integers(1, 40)
    ),
    min_size=1,
    max_size=8,
)


def laid_out(parts) -> Transcript:
    at = 0.0
    made = []
    for gap, duration, speaker, count in parts:
        text = " ".join(f"w{len(made)}x{number}" for number in range(count))
        made.append((round(at + gap, 2), round(at + gap + duration, 2), speaker, text))
        at = made[-1][1]
    return talk(*made)


@given(said)
def test_every_word_is_said_again_or_listed(parts):
    """Once: nothing is lost, nothing is said twice."""
    document = laid_out(parts)
    found = selected(document, [ANNA])
    again = [word for each in found.utterances for word in each.text.split()]
    kept = [word for each in found.left for word in each.text.split()]
    ours = [word.text for word in document.words if word.speaker == ANNA]
    assert sorted(again + kept) == sorted(ours)


@given(said)
def test_places_touch_nobody_else_and_each_other_at_most(parts):
    """And they cover the words."""
    document = laid_out(parts)
    found = selected(document, [ANNA])
    others = [word for word in document.words if word.speaker != ANNA]
    for each in found.utterances:
        assert all(each.place.overlap(word) < 1e-6 for word in others)
        assert each.place.start <= each.span.start
        assert each.place.end >= each.span.end
        assert len(each.words) >= LEAST_WORDS
        assert each.span.duration >= LEAST_SECONDS
    places = [each.place for each in found.utterances]
    for before, after in pairwise(places):
        assert before.overlap(after) < 1e-6


@given(said)
def test_room_ends_before_the_next_sound(parts):
    """Speech that takes longer runs into nobody."""
    document = laid_out(parts)
    for each in selected(document, [ANNA]).utterances:
        reach = Span(each.place.end, each.place.end + each.room)
        inside = {word.id for word in each.words}
        others = [word for word in document.words if word.id not in inside]
        assert all(reach.overlap(word) < 1e-6 for word in others)


class TestTexts:
    """What people write is said instead."""

    @pytest.fixture
    def selection(self):
        return selected(
            talk((0.0, 2.0, ANNA, "this is what I said"), (4.0, 6.0, ANNA, "if I say so myself")),
            [ANNA],
        )

    def test_a_text_takes_the_place_of_what_was_recognised(self, selection):
        """Its time and its words stay."""
        first = selection.utterances[0]
        made = with_texts(selection, {first.id: " this was\nwhat I said "})
        assert made.utterances[0] == replace(first, text="this was what I said")
        assert made.utterances[1:] == selection.utterances[1:]

    def test_an_empty_text_leaves_the_words_as_they_are(self, selection):
        """And they are listed."""
        made = with_texts(selection, {selection.utterances[0].id: ""})
        assert texts(made) == ["if I say so myself"]
        assert [(each.text, each.why) for each in made.left] == [
            ("this is what I said", Why.CHOSEN)
        ]

    def test_an_unknown_utterance_is_refused(self, selection):
        """The file may be another recording's."""
        with pytest.raises(InvalidOption, match="'nope'"):
            with_texts(selection, {"nope": "hello"})
