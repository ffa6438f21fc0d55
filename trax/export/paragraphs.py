"""Segments gathered into paragraphs, as people read them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from trax.transcript import Segment, Transcript


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
    """The transcript, a paragraph whenever the speaker changes."""
    spoken = (segment for segment in transcript.segments if segment.words)
    for speaker, run in groupby(spoken, key=lambda segment: segment.speaker):
        segments: list[Segment] = list(run)
        yield Paragraph(
            transcript.display_name(speaker),
            min(segment.start for segment in segments),
            max(segment.end for segment in segments),
            " ".join(segment.text for segment in segments),
        )
