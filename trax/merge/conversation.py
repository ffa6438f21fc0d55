"""How a conversation went: who spoke how much and how fast, who interrupted whom."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trax.merge.sure_talk import SureTalk, doubtful, sure_talk
from trax.merge.talk import PAUSE, length, spoken_turns, talk, united
from trax.transcript import Segment, Span, Transcript, Turn, Word

_OVERLAP = 0.2  # seconds: shorter ones are a matter of where turns were cut
_BACKCHANNEL = 1.0  # seconds: whoever says less meanwhile does not take the floor
_ENDS = ("?", "？", "؟")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How one speaker took part.

    Attributes:
        talk: seconds, short pauses included.
        sure: how sure that is; ``None`` where no engine said.
        share: of everybody's talk.
        turns: stretches without another speaker between.
        words_per_minute: of talk.
        questions: sentences that end with a question mark.
        interrupts: how often they began while another spoke, who then ended first.
        interrupted: how often others did that to them.
    """

    speaker: str | None
    talk: float
    sure: SureTalk | None
    share: float
    turns: int
    words: int
    words_per_minute: float
    questions: int
    interrupts: int
    interrupted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """Somebody took the floor from somebody.

    Attributes:
        at: seconds.
    """

    at: float
    who: str
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """How a conversation went.

    Attributes:
        duration: of the recording, in seconds.
        silence: seconds in which nobody speaks.
        overlap: seconds in which several speak, by the sound.
        speakers: those who talk most first.
    """

    duration: float
    silence: float
    overlap: float
    speakers: tuple[Share, ...]


def conversation(transcript: Transcript) -> Conversation:
    """How the conversation of *transcript* went.

    Talk, overlap and interruptions are those of the sound, with the speakers that the words have
    now, so that people's corrections count.
    """
    turns = spoken_turns(transcript)
    spoken = talk(transcript, turns)
    together = length(united(span for spans in spoken.values() for span in spans))
    return Conversation(
        duration=transcript.recording.duration,
        silence=max(transcript.recording.duration - together, 0.0),
        overlap=_overlap(turns),
        speakers=_shares(transcript, turns, spoken),
    )


def _shares(
    transcript: Transcript, turns: Sequence[Turn], spoken: Mapping[str | None, Sequence[Span]]
) -> tuple[Share, ...]:
    said: dict[str | None, list[Segment]] = defaultdict(list)
    for segment in transcript.segments:
        said[segment.speaker].append(segment)
    seconds = {speaker: length(spans) for speaker, spans in spoken.items()}
    doubts = doubtful(turns)
    longest = transcript.recording.duration
    breaks = interruptions(turns)
    total = sum(seconds.values())
    found = []
    for speaker, mine in seconds.items():
        words = [word for segment in said[speaker] for word in segment.words]
        found.append(
            Share(
                speaker=speaker,
                talk=mine,
                sure=None if doubts is None else sure_talk(speaker, mine, doubts, longest),
                share=mine / total if total else 0.0,
                turns=_runs(transcript.segments, speaker),
                words=len(words),
                words_per_minute=60 * len(words) / mine if mine else 0.0,
                questions=sum(_asks(word) for word in words),
                interrupts=sum(each.who == speaker for each in breaks),
                interrupted=sum(each.whom == speaker for each in breaks),
            )
        )
    return tuple(sorted(found, key=lambda each: -each.talk))


def _asks(word: Word) -> bool:
    return word.text.rstrip("\"'”’»)").endswith(_ENDS)


def _runs(segments: Sequence[Segment], speaker: str | None) -> int:
    """How often the floor passes to *speaker*."""
    labels = [segment.speaker for segment in segments]
    begins = labels[:1].count(speaker)
    return begins + sum(one != speaker and other == speaker for one, other in pairwise(labels))


def _overlap(turns: Iterable[Turn]) -> float:
    """Seconds in which several speak."""
    edges = [(turn.start, 1) for turn in turns]
    edges += [(turn.end, -1) for turn in turns]
    speaking, since, seconds = 0, 0.0, 0.0
    for time, change in sorted(edges):
        if speaking > 1:
            seconds += time - since
        speaking, since = speaking + change, time
    return seconds


def interruptions(turns: Iterable[Turn]) -> list[Interruption]:
    """Who took the floor from whom: they began while the other spoke, and went on after them.

    A short pause does not end what somebody says.
    """
    ordered = sorted(_utterances(turns), key=lambda turn: (turn.start, turn.speaker))
    starts = [turn.start for turn in ordered]
    found = []
    for at, one in enumerate(ordered):
        last = bisect_left(starts, one.end - _OVERLAP)
        for other in ordered[at + 1 : last]:
            takes_over = other.end > one.end and other.duration >= _BACKCHANNEL
            if other.speaker != one.speaker and other.start > one.start and takes_over:
                found.append(Interruption(at=other.start, who=other.speaker, whom=one.speaker))
    return found


def _utterances(turns: Iterable[Turn]) -> Iterator[Turn]:
    """The turns of each speaker, with short pauses bridged."""
    by_speaker: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_speaker[turn.speaker].append(turn)
    for speaker, spans in by_speaker.items():
        for span in united(spans, PAUSE):
            yield Turn(span.start, span.end, speaker)
