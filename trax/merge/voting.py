"""Two readings of the same speech as one, word by word (after ROVER, Fiscus 1997)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz.distance import Levenshtein

from trax.transcript import Word, spelling

SILENT_VOTE = 0.5
"""How sure a reading is taken to be that nothing was said where it has no word."""

FAVOUR = 0.15
"""How much surer the first reading must be to win: the second is made by the larger model, or with
more care.
"""

Heard = TypeVar("Heard", bound=Word)


@dataclass(frozen=True, slots=True)
class Voted(Generic[Heard]):
    """A word that won, with what the other reading has in its place.

    Attributes:
        agreed: whether both readings have it.
        other: confidence of the other reading: in the same word where both agree, in its rival
            where they do not.
        against: what the other reading has: the same word where both agree, else its rivals.
    """

    word: Heard
    agreed: bool
    other: float
    against: tuple[Heard, ...] = ()


def consensus(first: Sequence[Heard], second: Sequence[Heard]) -> list[Voted[Heard]]:
    """The words of two readings of the same speech.

    Where both agree, the second's word stands. Where they do not, the side whose least sure word is
    surer wins; the first must win by `FAVOUR`, and a side without words votes with `SILENT_VOTE`.
    Words keep their own times.
    """
    return [voted for ours, theirs in _matched(first, second) for voted in _decided(ours, theirs)]


def _matched(
    first: Sequence[Heard], second: Sequence[Heard]
) -> Iterator[tuple[list[Heard], list[Heard]]]:
    """Both readings side by side in stretches: a word each if they agree, else a whole dispute."""
    ours: list[Heard] = []
    theirs: list[Heard] = []
    left_texts = [spelling(word.text) for word in first]
    right_texts = [spelling(word.text) for word in second]
    for edit in Levenshtein.opcodes(left_texts, right_texts):
        left = first[edit.src_start : edit.src_end]
        right = second[edit.dest_start : edit.dest_end]
        if edit.tag != "equal":
            ours = [*ours, *left]
            theirs = [*theirs, *right]
            continue
        if ours or theirs:
            yield ours, theirs
            ours = []
            theirs = []
        yield from (([a], [b]) for a, b in zip(left, right, strict=True))
    if ours or theirs:
        yield ours, theirs


def _decided(ours: list[Heard], theirs: list[Heard]) -> list[Voted[Heard]]:
    if len(ours) == len(theirs) == 1 and spelling(ours[0].text) == spelling(theirs[0].text):
        return [Voted(theirs[0], True, _sure(ours), tuple(ours))]
    if _sure(ours) > _sure(theirs) + FAVOUR:
        return [Voted(word, False, _sure(theirs), tuple(theirs)) for word in ours]
    return [Voted(word, False, _sure(ours), tuple(ours)) for word in theirs]


def _sure(words: Sequence[Word]) -> float:
    return min((word.confidence or 0.0 for word in words), default=SILENT_VOTE)
