"""Hide personal data in text behind placeholders, and show it again.

Addresses, e-mail, telephone, card and account numbers are found by patterns; names by how they are
written. A spaCy model of the language, if there is one, finds more names and places.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from trax.enhance.patterns import PatternFinder, Personal
from trax.enhance.personal_names import find_names, name_parts

KINDS = ("names", "numbers", "addresses", "emails")
"""The kinds of personal data that can be hidden."""

PLACEHOLDERS = {"names": "NAME", "numbers": "NUMBER", "addresses": "ADDRESS", "emails": "EMAIL"}
"""What stands in placeholders, by kind."""

_PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w@.])(\w[\w.-]*) at (\w[\w-]*) dot (com|org|net|edu|io|de|fr|es|uk|eu)\b", re.IGNORECASE
)


class Mask:
    """Hides personal data; the same data has the same placeholder in all texts of one mask.

    Args:
        names: of people, known beforehand.
        kinds: of data to hide.
        spacy_model: name of an installed spaCy model; empty for none.
    """

    def __init__(
        self,
        names: Sequence[str] = (),
        kinds: Sequence[str] = KINDS,
        spacy_model: str = "",
    ) -> None:
        self._names = name_parts(names)
        self._kinds = frozenset(kinds)
        self._patterns = PatternFinder(spacy_model)
        self._placeholders: dict[str, str] = {}
        self._originals: dict[str, str] = {}

    def learn(self, text: str) -> None:
        """Remember the names in *text*, so that they are found at the start of a sentence too."""
        names = [text[start:end] for start, end in find_names(text, frozenset())]
        self._names |= name_parts(names)

    def find(self, text: str) -> list[Personal]:
        """Personal data in *text* by place; stars, which mark doubtful words, do not count."""
        places = [place for place, char in enumerate(text) if char != "*"]
        bare = "".join(text[place] for place in places)
        found = []
        for piece in _without_overlap(self._find_in(bare)):
            start = places[piece.start]
            end = places[piece.end - 1] + 1
            found.append(Personal(start, end, piece.kind))
        return found

    def hide(self, text: str) -> str:
        """The text with placeholders such as ``[NAME_1]``."""
        hidden = ""
        done = 0
        for piece in self.find(text):
            original = text[piece.start : piece.end]
            hidden += text[done : piece.start] + self._placeholder(original, piece.kind)
            done = piece.end
        return hidden + text[done:]

    def show(self, text: str) -> str:
        """The text with the personal data that placeholders stand for."""
        return _PLACEHOLDER.sub(self._original, text)

    def _original(self, placeholder: re.Match[str]) -> str:
        return self._originals.get(placeholder[0], placeholder[0])

    def _placeholder(self, original: str, kind: str) -> str:
        plain = original.replace("*", "")
        if plain not in self._placeholders:
            prefix = f"[{PLACEHOLDERS[kind]}_"
            used = sum(name.startswith(prefix) for name in self._originals)
            placeholder = f"{prefix}{used + 1}]"
            self._placeholders[plain] = placeholder
            self._originals[placeholder] = plain
        return self._placeholders[plain]

    def _find_in(self, text: str) -> Iterator[Personal]:
        """Personal data of the mask's kinds; pieces may overlap."""
        if "names" in self._kinds:
            for start, end in find_names(text, self._names):
                yield Personal(start, end, "names")
        if "emails" in self._kinds:
            for found in _SPOKEN_EMAIL.finditer(text):
                yield Personal(found.start(), found.end(), "emails")
        yield from self._patterns.find(text, self._kinds)


def _without_overlap(pieces: Iterable[Personal]) -> list[Personal]:
    """The pieces by place; of several that overlap, the longest."""
    longest_first = sorted(pieces, key=lambda piece: piece.start - piece.end)
    kept: list[Personal] = []
    for piece in longest_first:
        if not any(_overlap(piece, other) for other in kept):
            kept.append(piece)
    return sorted(kept, key=lambda piece: piece.start)


def _overlap(one: Personal, other: Personal) -> bool:
    return one.start < other.end and other.start < one.end
