"""The guards that every edit must pass. The first one that applies rejects the edit."""

import re
from collections.abc import Callable, Iterator, Sequence

from trax.enhance.change import PUNCTUATION, Change, has_digit
from trax.enhance.sounds import closeness, letters
from trax.enhance.wordlists import word_list
from trax.transcript import Word

SURE = 0.9
"""A word of at least this confidence is not changed."""

UNSURE = 0.5
"""A number or a name of lower confidence may become another one."""

CLOSE = 0.65
"""How similar the old and the new words must sound."""

CLOSE_TERM = 0.45
"""The same for a word that becomes a term of the glossary."""

MOST_CHANGED = 0.4
"""The share of a sentence's words that may change."""

FEW_CHANGED = 2
"""The number of words that may change in any sentence, however short."""

_LONGEST = 40  # letters of a word
_MOST_MARKS = 3  # punctuation marks that an edit may add
_NUMBERS = frozenset(word_list("numbers"))
_NEGATIONS = frozenset(word_list("negations"))
_LINK = re.compile(r"https?:|www\.|[<>{}|\\^~`=]|\S@\S")
_ENGLISH_I = re.compile(r"I(['’]\w+)?\W*")

Guard = tuple[str, Callable[[Change], bool]]
"""The reason for a rejection, and whether it applies to a change."""


def rejection(change: Change) -> str:
    """Why a change is not made; empty if it may be."""
    guards = FORM_GUARDS if change.is_form else GUARDS
    for reason, applies in guards:
        if applies(change):
            return reason
    return ""


def _adds_words(change: Change) -> bool:
    return not change.before


def _leaves_words_out(change: Change) -> bool:
    return not change.after


def _is_not_speech(change: Change) -> bool:
    added = set(change.after) - set(change.texts)
    return not all(_is_spoken(token) for token in added)


def _is_spoken(token: str) -> bool:
    if _LINK.search(token) or len(letters(token)) > _LONGEST:
        return False
    return all(_is_written(char) for char in token)


def _is_written(char: str) -> bool:
    combining = "\u0300" <= char <= "\u036f"
    return char.isalnum() or char in PUNCTUATION or combining


def _adds_much_punctuation(change: Change) -> bool:
    return _marks(change.wanted) > _marks(change.said) + _MOST_MARKS


def _marks(text: str) -> int:
    """The number of characters that are neither letters, digits nor spaces."""
    return sum(not char.isalnum() for char in text if not char.isspace())


def _touches_sure_word(change: Change) -> bool:
    return any((word.confidence or 0.0) >= SURE for word in change.before)


def _has_no_spaces(change: Change) -> bool:
    return any(word.joined for word in change.before[1:])


def _rewrites_sentence(change: Change) -> bool:
    return change.rewrites


def _is_not_a_term(change: Change) -> bool:
    return change.only_terms and not change.makes_term


def _changes_number(change: Change) -> bool:
    before = list(_numbers(change.texts))
    after = list(_numbers(change.after))
    return before != after and not _is_doubtful(change)


def _numbers(tokens: Sequence[str]) -> Iterator[str]:
    for token in tokens:
        for part in re.split(r"[-–]", token.casefold()):
            if has_digit(part) or letters(part) in _NUMBERS:
                yield part


def _changes_name(change: Change) -> bool:
    within = change.before[1:] if change.opens else change.before
    named = any(_is_name(word.text) for word in within)
    return named and not change.makes_term and not _is_doubtful(change)


def _is_name(text: str) -> bool:
    """Whether a word within a sentence has a capital and is not the English "I"."""
    bare = text.lstrip(PUNCTUATION)
    return bare[:1].isupper() and _ENGLISH_I.fullmatch(bare) is None


def _is_doubtful(change: Change) -> bool:
    """Whether every word is known to be unsure."""
    return all(_is_unsure(word) for word in change.before)


def _is_unsure(word: Word) -> bool:
    return word.confidence is not None and word.confidence < UNSURE


def _reverses_meaning(change: Change) -> bool:
    return _negations(change.texts) != _negations(change.after)


def _negations(tokens: Sequence[str]) -> int:
    return sum(_is_negation(token) for token in tokens)


def _is_negation(token: str) -> bool:
    plain = token.casefold().replace("’", "'")
    contracted = letters(plain).endswith("nt") and "n't" in plain
    return contracted or letters(plain) in _NEGATIONS


def _sounds_different(change: Change) -> bool:
    limit = CLOSE_TERM if change.makes_term else CLOSE
    return closeness(change.said, change.wanted) < limit


FORM_GUARDS: tuple[Guard, ...] = (
    ("it is not speech", _is_not_speech),
    ("too much punctuation", _adds_much_punctuation),
    ("it rewrites the sentence", _rewrites_sentence),
)
"""For changes of punctuation, case and spaces."""

GUARDS: tuple[Guard, ...] = (
    ("it adds words", _adds_words),
    ("it leaves words out", _leaves_words_out),
    ("it is not speech", _is_not_speech),
    ("too much punctuation", _adds_much_punctuation),
    ("it touches a sure word", _touches_sure_word),
    ("no spaces part these words", _has_no_spaces),
    ("it rewrites the sentence", _rewrites_sentence),
    ("it is no term of the glossary", _is_not_a_term),
    ("it changes a number", _changes_number),
    ("it changes a name", _changes_name),
    ("it turns the meaning round", _reverses_meaning),
    ("it sounds different", _sounds_different),
)
"""For changes of words, in the order in which they are tried."""
