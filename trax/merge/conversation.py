"""How a conversation went: who spoke how much and how fast, who interrupted whom."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trax.transcript import Segment, Span, Transcript, Turn, Word

_PAUSE = 0.5  # seconds of silence that belong to whoever speaks before and after them
_OVERLAP = 0.2  # seconds: shorter ones are a matter of where turns were cut
_BACKCHANNEL = 1.0  # seconds: whoever says less meanwhile does not take the floor
_ENDS = "?？؟"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How one speaker took part.

    Attributes:
        talk: seconds, short pauses included.
        share: of everybody's talk.
        certain: talk whose speaker is probably right: seconds weighed by confidence; ``None`` where
            no engine said.
        turns: stretches without another speaker between.
        words_per_minute: of talk.
        questions: sentences that end with a question mark.
        interrupts: how often they began while another spoke, who then ended first.
        interrupted: how often others did that to them.
    """

    speaker: str | None
    talk: float
    share: float
    certain: float | None
    turns: int
    words: int
    words_per_minute: float
    questions: int
    interrupts: int
    interrupted: int


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

    Talk is counted by words, so that people's corrections count; overlap and interruptions by the
    turns that were heard, since words are given to one speaker at a time.
    """
    words = _by_speaker(transcript.segments)
    talk = {speaker: united(said, _PAUSE) for speaker, said in words.items()}
    spoken = sum(map(_length, talk.values()))
    together = _length(united([span for spans in talk.values() for span in spans]))
    breaks = interruptions(transcript.turns)
    shares = [_share(transcript, speaker, spans, spoken, breaks) for speaker, spans in talk.items()]
    return Conversation(
        duration=transcript.recording.duration,
        silence=max(transcript.recording.duration - together, 0.0),
        overlap=_overlap(transcript.turns),
        speakers=tuple(sorted(shares, key=lambda each: -each.talk)),
    )


def _by_speaker(segments: Iterable[Segment]) -> dict[str | None, list[Word]]:
    found: dict[str | None, list[Word]] = defaultdict(list)
    for segment in segments:
        found[segment.speaker].extend(segment.words)
    return found


def _share(
    transcript: Transcript,
    speaker: str | None,
    spans: Sequence[Span],
    spoken: float,
    breaks: Sequence[tuple[str, str]],
) -> Share:
    segments = [segment for segment in transcript.segments if segment.speaker == speaker]
    words = [word for segment in segments for word in segment.words]
    talk = _length(spans)
    sure = [w.speaker_confidence for w in words if w.speaker_confidence is not None]
    return Share(
        speaker=speaker,
        talk=talk,
        share=talk / spoken if spoken else 0.0,
        certain=talk * sum(sure) / len(sure) if sure else None,
        turns=_runs(transcript.segments, speaker),
        words=len(words),
        words_per_minute=60 * len(words) / talk if talk else 0.0,
        questions=sum(word.text.rstrip("\"'”’»)").endswith(tuple(_ENDS)) for word in words),
        interrupts=sum(who == speaker for who, _whom in breaks),
        interrupted=sum(whom == speaker for _who, whom in breaks),
    )


def _runs(segments: Sequence[Segment], speaker: str | None) -> int:
    """How often the floor passes to *speaker*."""
    labels = [segment.speaker for segment in segments]
    begins = labels[:1].count(speaker)
    return begins + sum(one != speaker and other == speaker for one, other in pairwise(labels))


def united(spans: Iterable[Span], gap: float = 0.0) -> list[Span]:
    """The spans in order, those that touch or are *gap* seconds apart as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, each.end)):
        if found and span.start <= found[-1].end + gap:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(Span(span.start, span.end))
    return found


def _length(spans: Iterable[Span]) -> float:
    return sum(span.duration for span in spans)


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


def interruptions(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Who took the floor from whom: they began while the other spoke, and went on after them."""
    ordered = sorted(turns, key=lambda turn: turn.start)
    starts = [turn.start for turn in ordered]
    found = []
    for at, one in enumerate(ordered):
        last = bisect_left(starts, one.end - _OVERLAP)
        for other in ordered[at + 1 : last]:
            takes_over = other.end > one.end and other.duration >= _BACKCHANNEL
            if other.speaker != one.speaker and other.start > one.start and takes_over:
                found.append((other.speaker, one.speaker))
    return found
