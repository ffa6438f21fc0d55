"""Segments gathered into paragraphs, as people read them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from trax.transcript import Segment, Transcript, Word, joined_text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Consecutive segments of one speaker.

    Attributes:
        speaker: the label.
        name: the speaker's display name.
        start: seconds.
        end: seconds.
        text: of all words.
        parts: the words, by segment: a space stands before each segment but the first.
    """

    speaker: str | None
    name: str
    start: float
    end: float
    text: str
    parts: tuple[tuple[Word, ...], ...]


def paragraphs(transcript: Transcript) -> Iterator[Paragraph]:
    """A paragraph for each turn of a speaker, divided at words that begin a paragraph."""
    starts = frozenset(transcript.paragraphs)
    spoken = [segment for segment in transcript.segments if segment.words]
    for speaker, turn in groupby(spoken, key=lambda segment: segment.speaker):
        name = transcript.display_name(speaker)
        for parts in _divided(turn, starts):
            yield _paragraph(speaker, name, parts)


def _divided(segments: Iterator[Segment], starts: Collection[float]) -> Iterator[list[list[Word]]]:
    """Words by segment, divided before each word that begins a paragraph."""
    paragraph: list[list[Word]] = []
    for segment in segments:
        part: list[Word] = []
        paragraph.append(part)
        for word in segment.words:
            if word.start in starts and any(paragraph):
                yield _without_empty(paragraph)
                part = []
                paragraph = [part]
            part.append(word)
    yield _without_empty(paragraph)


def _without_empty(parts: Sequence[list[Word]]) -> list[list[Word]]:
    return [part for part in parts if part]


def _paragraph(speaker: str | None, name: str, parts: Sequence[Sequence[Word]]) -> Paragraph:
    words = list(chain.from_iterable(parts))
    start = min(word.start for word in words)
    end = max(word.end for word in words)
    text = " ".join(map(joined_text, parts))
    return Paragraph(speaker, name, start, end, text, tuple(map(tuple, parts)))
