"""Two readings of the same speech as one, word by word (after ROVER, Fiscus 1997)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
        instead: those of its rivals that stand in this word's own place; none if it is unheard.
        unheard: words that the other reading has after this one, and that lost against nothing.
    """

    word: Heard
    agreed: bool
    other: float
    against: tuple[Heard, ...] = ()
    instead: tuple[Heard, ...] = ()
    unheard: tuple[Heard, ...] = ()


def consensus(first: Sequence[Heard], second: Sequence[Heard]) -> list[Voted[Heard]]:
    """The words of two readings of the same speech.

    Where both agree, the second's word stands. Where they do not, the side whose least sure word is
    surer wins; the first must win by `FAVOUR`, and a side without words votes with `SILENT_VOTE`.
    Words keep their own times.
    """
    found: list[Voted[Heard]] = []
    for ours, theirs in _matched(first, second):
        votes = _decided(ours, theirs)
        if found and not votes:
            found[-1] = replace(found[-1], unheard=(*ours, *theirs))
        found.extend(votes)
    return found


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
        return _disputed(ours, theirs)
    return _disputed(theirs, ours)


def _disputed(won: list[Heard], lost: list[Heard]) -> list[Voted[Heard]]:
    """The words that won, each with those that lost in its place."""
    rivals: list[list[Heard]] = [[] for _ in won]
    for word, place in zip(lost, _places(won, lost), strict=False):
        rivals[place].append(word)
    sure = _sure(lost)
    found = []
    for word, instead in zip(won, rivals, strict=True):
        found.append(Voted(word, False, sure, tuple(lost), tuple(instead)))
    return found


def _places(won: Sequence[Heard], lost: Sequence[Heard]) -> list[int]:
    """For each word of *lost* the place in *won* of the word that it shares most letters with, in
    order; where it shares none, by its place among the others.
    """
    if not won:
        return []
    ours = [spelling(word.text) for word in won]
    theirs = [spelling(word.text) for word in lost]
    owners = [at for at, text in enumerate(ours) for _ in text]
    others = [at for at, text in enumerate(theirs) for _ in text]
    shared = [[0] * len(won) for _ in lost]
    for edit in Levenshtein.opcodes("".join(theirs), "".join(ours)):
        if edit.tag == "equal":
            for step in range(edit.src_end - edit.src_start):
                shared[others[edit.src_start + step]][owners[edit.dest_start + step]] += 1
    found: list[int] = []
    for at, counts in enumerate(shared):
        place = counts.index(max(counts)) if any(counts) else at * len(won) // len(lost)
        found.append(max(place, found[-1] if found else 0))
    return found


def _sure(words: Sequence[Word]) -> float:
    return min((word.confidence or 0.0 for word in words), default=SILENT_VOTE)
