"""Conversations as they happen, told as tables: what was said, when, who the turns say, and who it
was.
"""

from dataclasses import dataclass

import pytest

from trax.merge import attribute
from trax.transcript import Diarization, Recognition, Segment, Turn, Word


@dataclass(frozen=True)
class Scenario:
    """One exchange.

    Attributes:
        said: a line a recognised segment: words as ``text@start-end``.
        turns: exclusive turns as ``speaker@start-end``.
        expected: a line a resulting segment: ``speaker: text``.
        overlapping: further turns that overlap.
    """

    name: str
    said: tuple[str, ...]
    turns: str
    expected: tuple[str, ...]
    overlapping: str = ""


SCENARIOS = [
    Scenario(
        "two people in turn",
        ("Shall@0.0-0.3 we@0.3-0.5 begin?@0.5-1.0", "Please@1.2-1.6 do.@1.6-2.0"),
        "A@0.0-1.1 B@1.1-2.1",
        ("A: Shall we begin?", "B: Please do."),
    ),
    Scenario(
        "one recognised segment over two people",
        ("Shall@0.0-0.3 we@0.3-0.5 begin?@0.5-1.0 Please@1.2-1.6 do.@1.6-2.0",),
        "A@0.0-1.1 B@1.1-2.1",
        ("A: Shall we begin?", "B: Please do."),
    ),
    Scenario(
        "the turn ends a word early",
        (
            "I@0.0-0.2 would@0.2-0.5 rather@0.5-0.9 walk.@0.9-1.3",
            "Then@1.5-1.8 let@1.8-2.0 us@2.0-2.2 walk.@2.2-2.6",
        ),
        "A@0.0-0.9 B@0.9-2.6",
        ("A: I would rather walk.", "B: Then let us walk."),
    ),
    Scenario(
        "the turn ends a word late",
        (
            "I@0.0-0.2 would@0.2-0.5 rather@0.5-0.9 walk.@0.9-1.3",
            "Then@1.5-1.8 let@1.8-2.0 us@2.0-2.2 walk.@2.2-2.6",
        ),
        "A@0.0-1.8 B@1.8-2.6",
        ("A: I would rather walk.", "B: Then let us walk."),
    ),
    Scenario(
        "an answer of one word",
        (
            "Do@0.0-0.2 you@0.2-0.3 want@0.3-0.6 tea?@0.6-1.0 Yes.@1.1-1.4 It@1.6-1.7 "
            "is@1.7-1.9 hot.@1.9-2.3",
        ),
        "A@0.0-1.05 B@1.05-1.5 A@1.5-2.4",
        ("A: Do you want tea?", "B: Yes.", "A: It is hot."),
    ),
    Scenario(
        "an answer without punctuation keeps two words",
        ("Do@0.0-0.2 you@0.2-0.3 want@0.3-0.6 tea@0.6-1.0 oh@1.1-1.3 yes@1.3-1.6",),
        "A@0.0-1.05 B@1.05-1.7",
        ("A: Do you want tea", "B: oh yes"),
    ),
    Scenario(
        "a word in a gap between turns goes to the nearer",
        ("Well@0.0-0.4 then@1.3-1.5 go.@2.0-2.4",),
        "A@0.0-0.5 B@1.6-2.5",
        ("A: Well", "B: then go."),
    ),
    Scenario(
        "words before the first and after the last turn",
        ("Hello@0.0-0.3 there.@0.5-1.0 Bye.@9.0-9.4",),
        "A@0.4-1.0 B@4.0-5.0",
        ("A: Hello there.", "B: Bye."),
    ),
    Scenario(
        "three people",
        ("One.@0.0-0.5", "Two.@1.0-1.5", "Three.@2.0-2.5"),
        "A@0.0-0.6 B@0.9-1.6 C@1.9-2.6",
        ("A: One.", "B: Two.", "C: Three."),
    ),
    Scenario(
        "somebody interrupts",
        (
            "I@0.0-0.1 was@0.1-0.4 about@0.4-0.8 to@0.8-0.9",
            "Stop.@1.0-1.5",
            "say@1.6-1.9 so.@1.9-2.3",
        ),
        "A@0.0-0.95 B@0.95-1.55 A@1.55-2.4",
        ("A: I was about to", "B: Stop.", "A: say so."),
    ),
    Scenario(
        "nobody was heard to speak",
        ("Ghost@0.0-0.5 words.@0.5-1.0",),
        "",
        ("None: Ghost words.",),
    ),
    Scenario(
        "both at once",
        ("No,@0.0-0.4 wait.@0.4-0.9",),
        "A@0.0-1.0",
        ("A: No, wait.",),
        overlapping="B@0.3-1.2",
    ),
    Scenario(
        "a pause inside a sentence does not change the speaker",
        ("It@0.0-0.2 was,@0.2-0.5 I@3.0-3.1 think,@3.1-3.5 late.@3.5-4.0",),
        "A@0.0-0.6 A@2.9-4.1",
        ("A: It was, I think, late.",),
    ),
    Scenario(
        "a lone word a second away stays where it is",
        ("That@0.0-0.3 will@0.3-0.5 be@0.5-0.7 all@0.7-1.0 thanks.@1.9-2.3",),
        "A@0.0-1.1 B@1.8-2.4",
        ("A: That will be all", "B: thanks."),
    ),
    Scenario(
        "a word without length",
        ("So@0.0-0.3 a@0.5-0.5 boat.@0.6-1.0",),
        "A@0.0-0.4 B@0.45-1.1",
        ("A: So", "B: a boat."),
    ),
    Scenario(
        "Chinese words are not spaced",
        ("你@0.0-0.3 好@0.3-0.6",),
        "A@0.0-1.0",
        ("A: 你 好",),
    ),
]


def timed(token: str) -> tuple[str, float, float]:
    text, _, times = token.rpartition("@")
    start, _, end = times.partition("-")
    return text, float(start), float(end)


def turns_of(text: str) -> tuple[Turn, ...]:
    return tuple(Turn(start, end, speaker) for speaker, start, end in map(timed, text.split()))


def segment_of(text: str) -> Segment:
    found = tuple(Word(start, end, said) for said, start, end in map(timed, text.split()))
    return Segment(found[0].start, found[-1].end, found)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_words_go_to_whom_they_belong(scenario):
    """As a listener would say."""
    exclusive = turns_of(scenario.turns)
    segments = attribute(
        Recognition(
            language="en",
            language_confidence=1.0,
            segments=tuple(map(segment_of, scenario.said)),
            engine="x",
        ),
        Diarization(
            turns=(*exclusive, *turns_of(scenario.overlapping)),
            exclusive_turns=exclusive,
            embeddings={},
            engine="y",
        ),
    )
    joined: list[list[str]] = []
    for segment in segments:
        if joined and joined[-1][0] == str(segment.speaker):
            joined[-1][1] += " " + segment.text
        else:
            joined.append([str(segment.speaker), segment.text])
    assert tuple(f"{speaker}: {text}" for speaker, text in joined) == scenario.expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_is_lost(scenario):
    """In any of them."""
    exclusive = turns_of(scenario.turns)
    spoken = tuple(map(segment_of, scenario.said))
    segments = attribute(
        Recognition(language="en", language_confidence=1.0, segments=spoken, engine="x"),
        Diarization(turns=exclusive, exclusive_turns=exclusive, embeddings={}, engine="y"),
    )
    before = [word.text for segment in spoken for word in segment.words]
    assert [word.text for segment in segments for word in segment.words] == before
