"""Personal names found by how they are written."""

import re
from collections.abc import Collection, Iterable, Iterator

from trax.enhance.wordlists import word_list

_CAPITALISED = re.compile(r"(?<![\w'’])[A-ZÀ-ÖØ-Þ][\w'’-]*")
_POSSESSIVE = re.compile(r"['’]s$")
_NAME_PART = re.compile(r"[^\W\d_][\w'’-]+")
_SENTENCE_START = re.compile(r"(?:^|[.?!…]\s*[\"“»)]*\s*)$")
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Herr|Frau|Señor|Señora|Monsieur|Madame)\.?\s+$")
_PLACEHOLDERS = ("speaker", "unknown")  # display names of people whose name is not known
_NOT_NAMES = frozenset(word_list("not-names"))
_FIRST_NAMES = frozenset(word_list("first-names"))


def name_parts(names: Iterable[str]) -> frozenset[str]:
    """The words of full names, in lower case, without those that are no names."""
    parts = set()
    for name in names:
        for part in _NAME_PART.findall(name):
            parts.add(part.casefold())
    return frozenset(parts - _NOT_NAMES - set(_PLACEHOLDERS))


def find_names(text: str, known: Collection[str]) -> Iterator[tuple[int, int]]:
    """Start and end of each name: words with a capital, and *known* names with a capital.

    The first word of a sentence counts only if it is known, a frequent first name or follows a
    title.
    """
    for found in _CAPITALISED.finditer(text):
        name = _POSSESSIVE.sub("", found[0])
        if name.casefold() in _NOT_NAMES or name.isupper():
            continue
        before = text[: found.start()]
        if _is_surely_name(name, before, known) or not _SENTENCE_START.search(before):
            yield found.start(), found.start() + len(name)


def _is_surely_name(name: str, before: str, known: Collection[str]) -> bool:
    plain = name.casefold()
    return plain in known or plain in _FIRST_NAMES or _TITLE.search(before) is not None
