"""Sentences for people that programs know by a code: each is made of a pattern, and read back.

Documents hold the sentence alone, as they always did: those that were kept long ago have codes too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and what it says for programs.

    Attributes:
        code: of its pattern; empty if it is of none.
        about: what stands in the pattern's places, by their names.
    """

    text: str
    code: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


class Sentences:
    """Patterns of sentences by their codes; of two that fit, the one that is listed first counts.

    >>> known = Sentences({"lost": "{count:d} packets were skipped"})
    >>> known.say("lost", count=3)
    '3 packets were skipped'
    >>> known.told("3 packets were skipped")
    Told(text='3 packets were skipped', code='lost', about={'count': '3'})
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.patterns = dict(patterns)
        self._readers = {code: _reader(pattern) for code, pattern in patterns.items()}

    def say(self, code: str, **places: object) -> str:
        """The sentence of a code."""
        return self.patterns[code].format(**places)

    def told(self, text: str) -> Told:
        """What a sentence says."""
        for code, reader in self._readers.items():
            found = reader.fullmatch(text)
            if found:
                return Told(text, code, found.groupdict())
        return Told(text)


def _reader(pattern: str) -> re.Pattern[str]:
    parts = []
    for literal, name, kind, _conversion in Formatter().parse(pattern):
        parts.append(re.escape(literal))
        if name:
            what = r"\d+" if kind == "d" else ".+?"
            parts.append(f"(?P<{name}>{what})")
    return re.compile("".join(parts), re.DOTALL)
