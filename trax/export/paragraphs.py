"""Segments gathered into paragraphs, as people read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from trax.transcript import Transcript, Word, joined_text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Consecutive segments of one speaker.

    Attributes:
        name: the speaker's display name.
        start: seconds.
        end: seconds.
    """

    name: str
    start: float
    end: float
    text: str


def paragraphs(transcript: Transcript) -> Iterator[Paragraph]:
    """The transcript, a paragraph whenever the speaker changes, and where a word begins one."""
    spoken = (segment for segment in transcript.segments if segment.words)
    for speaker, run in groupby(spoken, key=lambda segment: segment.speaker):
        for words in _divided(
            [list(segment.words) for segment in run], frozenset(transcript.paragraphs)
        ):
            yield Paragraph(
                transcript.display_name(speaker),
                min(word.start for segment in words for word in segment),
                max(word.end for segment in words for word in segment),
                " ".join(joined_text(segment) for segment in words),
            )


def _divided(segments: list[list[Word]], starts: frozenset[float]) -> Iterator[list[list[Word]]]:
    """The words of one speaker's segments, cut before words that begin a paragraph."""
    paragraph: list[list[Word]] = []
    for words in segments:
        paragraph.append([])
        for word in words:
            if word.start in starts and any(paragraph):
                yield [part for part in paragraph if part]
                paragraph = [[]]
            paragraph[-1].append(word)
    yield [part for part in paragraph if part]
