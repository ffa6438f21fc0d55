"""One proposed change: words, what should replace them, and what is known about both."""

from dataclasses import dataclass

from trax.enhance.sounds import letters
from trax.transcript import Word, joined_text

PUNCTUATION = ".,;:!?…-–—'’‘\"“”„«»()[]/&%°$€£+@#*·、。，？！：；「」『』（）¿¡"


@dataclass(frozen=True, slots=True)
class Change:
    """Words that are to become other words.

    Attributes:
        before: the words as they are; empty if words are added.
        after: what should stand there; empty if words are left out.
        opens: whether they open a sentence, where a capital says nothing.
        glossary: terms that people gave, as `letters` gives them.
        rewrites: whether the sentence as a whole becomes another one.
        only_terms: whether only terms of the glossary may be inserted.
    """

    before: tuple[Word, ...]
    after: tuple[str, ...]
    opens: bool = False
    glossary: frozenset[str] = frozenset()
    rewrites: bool = False
    only_terms: bool = False

    @property
    def texts(self) -> list[str]:
        """The text of each word as it is."""
        return [word.text for word in self.before]

    @property
    def said(self) -> str:
        """The text as it is."""
        return joined_text(self.before)

    @property
    def wanted(self) -> str:
        """The text that should stand there."""
        return " ".join(self.after)

    @property
    def is_form(self) -> bool:
        """Whether the same letters and numbers stay in the same order."""
        return same_form(self.said, self.wanted)

    @property
    def makes_term(self) -> bool:
        """Whether the wanted text is a term of the glossary."""
        return letters(self.wanted) in self.glossary


def same_form(one: str, other: str) -> bool:
    """Whether two texts differ only in case, spaces and punctuation outside of numbers.

    >>> same_form("its", "It's,"), same_form("1.5", "15"), same_form("resume", "résumé")
    (True, False, False)
    """
    plain = _plain(one)
    return plain != "" and plain == _plain(other)


def has_digit(text: str) -> bool:
    """Whether any character is a digit."""
    return any(char.isdigit() for char in text)


def _plain(text: str) -> str:
    return "".join(_plain_token(token) for token in text.casefold().split())


def _plain_token(token: str) -> str:
    """A token without punctuation; a number keeps the marks inside it."""
    if has_digit(token):
        return token.strip(PUNCTUATION)
    return "".join(char for char in token if char.isalnum())
