"""Apply a model's replacements, such as ``hullo => hello``, to the text of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from trax.enhance.sentences import without_stars
from trax.enhance.sounds import letters
from trax.transcript import Edit, EditKind, Word, joined_text

_TRAILING_MARKS = ".,;:!?…。？！，"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Words of a sentence, and what should stand there."""

    old: str
    new: str


def with_replacements(
    words: Sequence[Word], replacements: Sequence[Replacement], task: str
) -> tuple[str, list[Edit]]:
    """The sentence with old words replaced, and a rejected edit for each old text not found.

    If old words occur several times, the least confident ones are replaced.
    """
    tokens = joined_text(words).split()
    rejected = []
    for replacement in replacements:
        old = without_stars(replacement.old)
        new = without_stars(replacement.new)
        size = len(old.split())
        places = _places(tokens, old)
        if not places:
            rejected.append(_not_found(words, old, new, task))
            continue
        place = min(places, key=lambda at: _confidence(words, tokens, at, size))
        past = place + size
        tokens[place:past] = _punctuated_like(tokens[past - 1], new)
    return " ".join(tokens), rejected


def _places(tokens: Sequence[str], old: str) -> list[int]:
    """Indices of tokens where the words of *old* begin."""
    wanted = [letters(part) for part in old.split()]
    if not wanted:
        return []
    spelled = [letters(token) for token in tokens]
    size = len(wanted)
    starts = range(len(spelled) - size + 1)
    return [start for start in starts if spelled[start : start + size] == wanted]


def _confidence(
    words: Sequence[Word],
    tokens: Sequence[str],
    place: int,
    size: int,
) -> float:
    """The lowest confidence at a place; 0 once tokens and words no longer correspond."""
    if len(tokens) != len(words):
        return 0.0
    return min(word.confidence or 0.0 for word in words[place : place + size])


def _punctuated_like(old_token: str, new: str) -> list[str]:
    """The words of *new*, with the old token's trailing punctuation if they have none."""
    words = new.split()
    if words and words[-1][-1:].isalnum():
        bare = old_token.rstrip(_TRAILING_MARKS)
        words[-1] += old_token[len(bare) :]
    return words


def _not_found(
    words: Sequence[Word],
    old: str,
    new: str,
    task: str,
) -> Edit:
    start = words[0].start
    end = max(word.end for word in words)
    return Edit(start, end, EditKind.WORDING, task, old, new, "these words are not there")
