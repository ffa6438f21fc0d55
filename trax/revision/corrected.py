"""What people corrected or confirmed: the lines that have it, and the terms that they wrote."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trax.revision.operations import SURE
from trax.transcript import Segment, Transcript, Word, spelling

_LEAST_LETTERS = 3  # of a term
_MOST_TERMS = 100


@dataclass(frozen=True, slots=True)
class Term:
    """Something that people wrote where something else was heard.

    Attributes:
        count: how often.
    """

    text: str
    count: int


def corrected_lines(transcript: Transcript) -> list[Segment]:
    """The segments in which somebody corrected or confirmed a word."""
    return [segment for segment in transcript.segments if any(map(is_sure, segment.words))]


def is_sure(word: Word) -> bool:
    """Whether somebody corrected or confirmed a word, which then is certain."""
    return word.confidence == SURE


def new_terms(changed: Iterable[tuple[Transcript, Transcript]]) -> list[Term]:
    """Terms that people wrote and no machine did, the commonest first.

    Args:
        changed: transcripts as machines made them, each with what people made of it.
    """
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    heard: set[str] = set()
    pairs = list(changed)
    for before, _after in pairs:
        heard.update(spelling(word.text) for word in before.words)
    for _before, after in pairs:
        for text in _unheard(after, heard):
            key = text.casefold()
            written.setdefault(key, text)
            counts[key] += 1
    found = [Term(written[key], count) for key, count in counts.most_common()]
    return found[:_MOST_TERMS]


def _unheard(transcript: Transcript, heard: set[str]) -> Iterator[str]:
    """Words that people are sure of and that were not *heard*; neighbours are one term."""
    for segment in transcript.segments:
        together: list[str] = []
        for word in (*segment.words, None):
            if word is not None and is_sure(word) and spelling(word.text) not in heard:
                together.append(_bare(word.text))
                continue
            text = " ".join(part for part in together if part)
            together = []
            if len(text) >= _LEAST_LETTERS:
                yield text


def _bare(text: str) -> str:
    """A word without the punctuation around it."""
    return text.strip().strip('.,;:!?…"“”„»«()[]')
