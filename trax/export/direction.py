"""Which way text runs, by the bidirectional classes of its letters (Unicode Annex 9)."""

import unicodedata
from collections.abc import Iterator
from itertools import groupby

_TO_THE_LEFT = ("R", "AL", "AN")


def runs_to_the_left(text: str) -> bool:
    """Whether most letters of *text* are of scripts that are written from right to left.

    >>> runs_to_the_left("Zoom אמרה אתמול"), runs_to_the_left("he said שלום"), runs_to_the_left("1")
    (True, False, False)
    """
    directions = [_direction(letter) for letter in text]
    return directions.count(True) > directions.count(False)


def directed_runs(text: str) -> Iterator[tuple[str, bool]]:
    """*text* in pieces of one direction each, and whether they run to the left.

    What has no direction, such as blanks, digits and punctuation, goes with what stands on both
    sides of it if they agree, else with the whole text.

    >>> list(directed_runs("שלום, said Dan."))
    [('שלום', True), (', said Dan.', False)]
    >>> list(directed_runs("אמר לנו Dan."))
    [('אמר לנו ', True), ('Dan', False), ('.', True)]
    """
    base = runs_to_the_left(text)
    directions = [_direction(letter) for letter in text]
    resolved = _resolved(directions, base)
    for direction, group in groupby(zip(text, resolved, strict=True), key=lambda pair: pair[1]):
        yield "".join(letter for letter, _direction in group), direction


def _direction(letter: str) -> bool | None:
    """Whether a letter runs to the left; ``None`` if it goes either way."""
    kind = unicodedata.bidirectional(letter)
    if kind in _TO_THE_LEFT:
        return True
    return False if kind == "L" else None


def _resolved(directions: list[bool | None], base: bool) -> list[bool]:
    """Directions with those between two sides that differ, or at an end, as *base* says."""
    before = _carried(directions, base)
    after = _carried(directions[::-1], base)[::-1]
    pairs = zip(before, after, strict=True)
    return [left if left == right else base for left, right in pairs]


def _carried(directions: list[bool | None], base: bool) -> list[bool]:
    """Each direction, or the last one before it."""
    found = []
    last = base
    for direction in directions:
        last = last if direction is None else direction
        found.append(last)
    return found
