"""Words of two windows that overlap as one sequence, none lost and none doubled."""

from collections.abc import Sequence
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from trax.transcript import Span, Word, spelling

Timed = TypeVar("Timed", bound=Word)


def stitched(left: Sequence[Timed], right: Sequence[Timed], overlap: Span) -> list[Timed]:
    """*left* up to one point, *right* from there on.

    Both windows contain what lies in *overlap*. The point is the word that both have there nearest
    to the overlap's middle, where neither window is cut off; if they share no word, it is the
    middle itself.

    >>> def words(text, at):
    ...     return [Word(at + i, at + i + 0.9, word) for i, word in enumerate(text.split())]
    >>> whole = stitched(words("we went ho", 0), words("went home again", 1.1), Span(1, 3))
    >>> [word.text for word in whole]
    ['we', 'went', 'home', 'again']
    """
    ours = [at for at, word in enumerate(left) if word.end > overlap.start]
    theirs = [at for at, word in enumerate(right) if word.start < overlap.end]
    shared: list[tuple[int, int]] = []
    for edit in Levenshtein.opcodes(_spellings(left, ours), _spellings(right, theirs)):
        if edit.tag == "equal":
            same = ours[edit.src_start : edit.src_end]
            shared += zip(same, theirs[edit.dest_start : edit.dest_end], strict=True)
    if not shared:
        middle = overlap.middle
        early = [word for word in left if word.middle < middle]
        late = [word for word in right if word.middle >= middle]
        return early + late
    last, first = min(shared, key=lambda pair: abs(left[pair[0]].middle - overlap.middle))
    return [*left[:last], *right[first:]]


def _spellings(words: Sequence[Word], chosen: Sequence[int]) -> list[str]:
    return [spelling(words[at].text) for at in chosen]
