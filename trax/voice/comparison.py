"""What was heard, compared with what should have been said."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from trax.errors import MissingPart
from trax.scoring.words import normaliser
from trax.transcript import spelling

_PUNCTUATION = ".,;:!?\"'()“”‘’"
_I = re.compile(r"I(['’]\w+)?")
_TITLE = re.compile(r"(Mr|Mrs|Ms|Dr|Prof|St)\.")

ACCEPTED = 0.25
"""The largest share of wrong words with which something is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How well something was understood.

    Attributes:
        errors: words that are wrong, missing or too many.
        words: that should have been said.
        missed: words that were not heard.
    """

    errors: int
    words: int
    missed: tuple[str, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether it can be used."""
        return self.errors <= ACCEPTED * self.words


def compared(text: str, heard: str, language: str) -> Comparison:
    """How much of *text* was *heard*; spelling, numbers and spaces do not count.

    >>> compared("Every one came, at ten.", "everyone came at 10", "en").errors
    0
    """
    normal = _normal(language)
    wanted, found = normal(text).split(), normal(heard).split()
    if "".join(wanted) == "".join(found):
        return Comparison(errors=0, words=len(wanted), missed=())
    edits = list(Levenshtein.editops(wanted, found))
    missed = [wanted[edit.src_pos] for edit in edits if edit.tag != "insert"]
    return Comparison(errors=len(edits), words=len(wanted), missed=tuple(missed))


def names_and_numbers(text: str) -> tuple[str, ...]:
    """Words of a text that recognition and synthesis get wrong most easily, for people to look at.

    >>> names_and_numbers("Then Mr. Hale paid 12 pounds. He left; I stayed.")
    ('Mr.', 'Hale', '12')
    """
    found = []
    begins = True
    for word in text.split():
        bare = word.strip(_PUNCTUATION)
        is_name = bare[:1].isupper() and not begins and not _I.fullmatch(bare)
        if is_name or any(letter.isdigit() for letter in bare):
            found.append(word.rstrip(",;:!?"))
        begins = word.endswith((".", "!", "?")) and not _TITLE.fullmatch(word)
    return tuple(found)


def _normal(language: str) -> Callable[[str], str]:
    """Makes texts comparable; numbers only where the packages for scoring are installed."""
    try:
        return normaliser(language)
    except MissingPart:
        return lambda text: " ".join(filter(None, map(spelling, text.split())))
