"""What is said and by whom: word, segment, turn."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import not_
from typing import Annotated, Self

from pydantic import Field

from trax.transcript.span import Span

_NOISE = re.compile(r"[^\w']|_")


class Doubt(StrEnum):
    """Why a word's speaker may be wrong."""

    NO_TURN = "no_turn"
    """No speaker turn touches the word; it took the nearest turn's speaker, or none."""
    SHARED = "shared"
    """Two speakers' turns cover the word and the larger share is below three quarters."""
    OVERLAP = "overlap"
    """Somebody else speaks at the same time."""
    MOVED = "moved"
    """The turns gave it to somebody else; it went with the rest of its sentence."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of a word.

    Attributes:
        text: one word or several; empty if the word may not have been said at all.
        source: name of the model that read it.
        confidence: probability in [0, 1] that the model gives it; not calibrated.
    """

    text: str
    source: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Word(Span):
    """One recognised word with its punctuation.

    Attributes:
        text: the word without surrounding white space.
        confidence: probability in [0, 1] that the word is right; ``None`` where no engine said.
        speaker: opaque label; ``None`` means unknown.
        doubts: why the speaker may be wrong; empty where nothing speaks against it.
        joined: whether no space separates it from the word before (Chinese, Japanese, ``twenty`` +
            ``-five``).
        speaker_confidence: probability in [0, 1] that the speaker is right; ``None`` where no
            engine said.
        id: opaque and permanent: edits keep it; empty until the transcript's document is built.
        alternatives: what else may have been said in its place, the likeliest first; at most three.
    """

    text: str
    confidence: float | None = None
    speaker: str | None = None
    doubts: tuple[Doubt, ...] = ()
    joined: bool = False
    speaker_confidence: float | None = None
    id: Annotated[str, Field(exclude_if=not_)] = field(default="", kw_only=True)
    alternatives: Annotated[tuple[Alternative, ...], Field(exclude_if=not_)] = field(
        default=(), kw_only=True
    )


@dataclass(frozen=True, slots=True)
class Segment(Span):
    """Consecutive words that belong together, by one speaker once merged.

    Attributes:
        words: in the order in which they were recognised.
        speaker: opaque label; ``None`` means unknown or not yet assigned.
        temperature: the sampling temperature at which the decoder accepted it; 0 is greedy or beam
            search.
        mean_log_probability: of the decoder's tokens, natural logarithm.
        compression_ratio: length of the text over its length when compressed; high means
            repetition.
        no_speech_probability: the decoder's own belief that nobody speaks.
        language: ISO 639-1 code where several are spoken; ``None`` where it is the recording's.
    """

    words: tuple[Word, ...]
    speaker: str | None = None
    temperature: float | None = None
    mean_log_probability: float | None = None
    compression_ratio: float | None = None
    no_speech_probability: float | None = None
    language: str | None = None

    @property
    def text(self) -> str:
        """The words as running text."""
        return joined_text(self.words)

    @property
    def confidence(self) -> float | None:
        """Mean of the words' confidence; ``None`` where no word has one."""
        known = [word.confidence for word in self.words if word.confidence is not None]
        return sum(known) / len(known) if known else None

    def shifted(self, offset: float) -> Self:
        """The same segment and words, *offset* seconds later."""
        moved = tuple(word.shifted(offset) for word in self.words)
        return replace(self, start=self.start + offset, end=self.end + offset, words=moved)


@dataclass(frozen=True, slots=True)
class Turn(Span):
    """A stretch in which one speaker speaks.

    Attributes:
        speaker: opaque label.
        confidence: how much of it is probably spoken by that speaker, in [0, 1]; ``None`` where no
            engine said.
    """

    speaker: str
    confidence: float | None = None


def joined_text(words: Iterable[Word]) -> str:
    """The words as running text.

    >>> joined_text([Word(0, 1, "twenty"), Word(1, 2, "-five", joined=True), Word(2, 3, "men.")])
    'twenty-five men.'
    """
    return "".join(("" if word.joined else " ") + word.text for word in words).strip()


def spelling(text: str) -> str:
    """A word as it is compared: without case and punctuation.

    >>> spelling("Don't,"), spelling("—")
    ("don't", '')
    """
    return _NOISE.sub("", text).casefold()
