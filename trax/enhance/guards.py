"""What an edit must be like to be made. Each guard is a reason and a test; the first that applies
rejects the edit.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trax.enhance.sounds import closeness, letters
from trax.enhance.wordlists import listed
from trax.transcript import Word, joined_text

SURE = 0.9
"""From this confidence on a word is not touched."""

UNSURE = 0.5
"""Below this confidence a number or a name may be another one."""

CLOSE = 0.65
"""How alike what is said and what is to stand there must sound."""

CLOSE_TERM = 0.45
"""The same where it becomes a term of the glossary."""

MOST_CHANGED = 0.4
"""Share of a sentence's words that may become others."""

FEW_CHANGED = 2
"""As many may in any sentence."""

_LONGEST = 40  # letters a word
_MOST_MARKS = 3  # punctuation marks at one side of a word
_PUNCTUATION = frozenset(".,;:!?…-–—'’‘\"“”„«»()[]/&%°$€£+@#*·、。，？！：；「」『』（）¿¡")
_NUMBERS = frozenset(listed("numbers"))
_NEGATIONS = frozenset(listed("negations"))
_LINK = re.compile(r"https?:|www\.|[<>{}|\\^~`=]|\S@\S")


@dataclass(frozen=True, slots=True)
class Change:
    """Words that are to become other words.

    Attributes:
        before: the words as they are; empty where something is added.
        after: what is to stand there; empty where something is left out.
        opens: whether they open a sentence, so that a capital says nothing.
        glossary: terms that people gave, as `letters` gives them.
        rewrites: whether the sentence as a whole becomes another one.
        only_terms: whether nothing but terms of the glossary may be put in.
    """

    before: tuple[Word, ...]
    after: tuple[str, ...]
    opens: bool = False
    glossary: frozenset[str] = frozenset()
    rewrites: bool = False
    only_terms: bool = False

    @property
    def said(self) -> str:
        """What is there."""
        return joined_text(self.before)

    @property
    def wanted(self) -> str:
        """What is to be there."""
        return " ".join(self.after)

    @property
    def is_form(self) -> bool:
        """Whether the same letters and numbers stay in the same order."""
        return same_form(self.said, self.wanted)

    @property
    def makes_term(self) -> bool:
        """Whether what is to be there is a term of the glossary."""
        return letters(self.wanted) in self.glossary


def same_form(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but case, spaces and punctuation; a number's own marks
    count.

    >>> same_form("its", "It's,"), same_form("1.5", "15"), same_form("resume", "résumé")
    (True, False, False)
    """
    return _plain(one) == _plain(other) != ""


def _plain(text: str) -> str:
    kept = (
        token.strip("".join(_PUNCTUATION)) if _has_digit(token) else token
        for token in text.casefold().split()
    )
    return "".join(
        t if _has_digit(t) else "".join(char for char in t if char.isalnum()) for t in kept
    )


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def rejection(change: Change) -> str:
    """Why a change is not made; empty where it may be."""
    guards = FORM_GUARDS if change.is_form else GUARDS
    return next((reason for reason, applies in guards if applies(change)), "")


def _not_speech(change: Change) -> bool:
    return any(
        _LINK.search(token) or len(letters(token)) > _LONGEST or not all(map(_is_written, token))
        for token in change.after
        if token not in {word.text for word in change.before}
    )


def _is_written(char: str) -> bool:
    return char.isalnum() or char in _PUNCTUATION or "\u0300" <= char <= "\u036f"


def _much_punctuation(change: Change) -> bool:
    marks = sum(not char.isalnum() for char in change.wanted if not char.isspace())
    return (
        marks > sum(not char.isalnum() for char in change.said if not char.isspace()) + _MOST_MARKS
    )


def _touches_sure_word(change: Change) -> bool:
    return any((word.confidence or 0.0) >= SURE for word in change.before)


def _is_doubted(change: Change) -> bool:
    """Whether every word is known to be unsure."""
    return all(word.confidence is not None and word.confidence < UNSURE for word in change.before)


def _numbers(tokens: Sequence[str]) -> list[str]:
    parts = (part for token in tokens for part in re.split(r"[-–]", token.casefold()))
    return [part for part in parts if _has_digit(part) or letters(part) in _NUMBERS]


def _changes_number(change: Change) -> bool:
    numbers = _numbers([word.text for word in change.before]), _numbers(change.after)
    return numbers[0] != numbers[1] and not _is_doubted(change)


def _changes_name(change: Change) -> bool:
    named = any(_is_name(word.text) for word in change.before[change.opens :])
    return named and not change.makes_term and not _is_doubted(change)


def _is_name(text: str) -> bool:
    """Whether a word within a sentence has a capital, and is not English for oneself."""
    bare = text.lstrip("".join(_PUNCTUATION))
    return bare[:1].isupper() and re.fullmatch(r"I(['’]\w+)?\W*", bare) is None


def _changes_meaning(change: Change) -> bool:
    return _negations([word.text for word in change.before]) != _negations(change.after)


def _negations(tokens: Sequence[str]) -> int:
    plain = (token.casefold().replace("’", "'") for token in tokens)
    return sum(
        letters(token) in _NEGATIONS or (letters(token).endswith("nt") and "n't" in token)
        for token in plain
    )


def _sounds_different(change: Change) -> bool:
    limit = CLOSE_TERM if change.makes_term else CLOSE
    return closeness(change.said, change.wanted) < limit


Guard = tuple[str, Callable[[Change], bool]]

_WRITTEN: tuple[Guard, ...] = (
    ("it is not speech", _not_speech),
    ("too much punctuation", _much_punctuation),
)

_REWRITES: Guard = ("it rewrites the sentence", lambda change: change.rewrites)

FORM_GUARDS: tuple[Guard, ...] = (*_WRITTEN, _REWRITES)
"""For changes of punctuation, case and spaces."""

GUARDS: tuple[Guard, ...] = (
    ("it adds words", lambda change: not change.before),
    ("it leaves words out", lambda change: not change.after),
    *_WRITTEN,
    ("it touches a sure word", _touches_sure_word),
    ("no spaces part these words", lambda change: any(word.joined for word in change.before[1:])),
    _REWRITES,
    ("it is no term of the glossary", lambda change: change.only_terms and not change.makes_term),
    ("it changes a number", _changes_number),
    ("it changes a name", _changes_name),
    ("it turns the meaning round", _changes_meaning),
    ("it sounds different", _sounds_different),
)
"""For changes of words, in the order in which they are asked."""
