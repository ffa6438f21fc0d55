"""A line of edited text cut into words: which of them are known, which are new."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from trax.coediting.archive import Archive
from trax.coediting.lines import Letters

# What Python and JavaScript take for white space, together.
_NOT_SPACE = re.compile(r"[^\s\x00-\x20\x7f-\xa0\ufeff]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a line.

    Attributes:
        start: where it stands in the whole text, in characters.
        word: id that its letters carry, known or not; empty if they carry none.
        joined: whether no space separates it from the token before.
        within: id of the known word out of whose text it was cut; empty if it was not.
        is_sure: whether somebody accepted it as it stands.
        is_intact: whether it reads as its word did once.
        is_mixed: whether some of its letters carry another id, or none.
    """

    start: int
    text: str
    word: str = ""
    joined: bool = False
    within: str = ""
    is_sure: bool = False
    is_intact: bool = False
    is_mixed: bool = False

    @property
    def end(self) -> int:
        """Where it ends in the whole text."""
        return self.start + len(self.text)


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen of it."""
    return _NOT_SPACE.search(text) is None


def tokens_of(letters: Sequence[Letters], archive: Archive, seen: set[str]) -> list[Token]:
    """The words of a line. Words that were *seen* are new here, since a word stands in one place;
    those that stand here are added to them.
    """
    atoms = [atom for each in letters for atom in _atoms(each, archive, seen)]
    found: list[Token] = []
    for stretch in _stretches(atoms):
        for at, token in enumerate(_combined(stretch, archive)):
            found.append(replace(token, joined=at > 0))
    return found


def _atoms(letters: Letters, archive: Archive, seen: set[str]) -> Iterator[Token]:
    """The pieces of letters without spaces; the first is the word."""
    word = "" if letters.word in seen else letters.word
    if word and archive.had_text(word, letters.text):
        seen.add(word)
        yield Token(letters.start, letters.text, word, is_sure=letters.is_sure, is_intact=True)
        return
    for at, match in enumerate(_NOT_SPACE.finditer(letters.text)):
        start = letters.start + match.start()
        if at or not word:
            yield Token(start, match.group(), within=word)
            continue
        seen.add(word)
        yield Token(start, match.group(), word, is_sure=letters.is_sure)


def _stretches(atoms: Sequence[Token]) -> Iterator[list[Token]]:
    """Atoms by stretches without spaces."""
    if not atoms:
        return
    stretch = [atoms[0]]
    for before, atom in pairwise(atoms):
        if before.end != atom.start:
            yield stretch
            stretch = []
        stretch.append(atom)
    yield stretch


def _combined(stretch: Sequence[Token], archive: Archive) -> list[Token]:
    """Touching atoms as words: letters that touch a word are its own, unless its script has no
    spaces.
    """
    words: list[Token] = []
    for atom in stretch:
        if not words or _is_apart(words[-1], atom, archive):
            words.append(atom)
        else:
            words[-1] = _with(words[-1], atom)
    return words


def _is_apart(last: Token, atom: Token, archive: Archive) -> bool:
    if atom.word:
        # Whoever typed a word that no version knows has told it apart from the one before.
        begins = archive.is_joined(atom.word) or archive.word(atom.word) is None
        return begins and (bool(last.word) or _is_beside(atom, last))
    return _is_beside(last, atom)


def _is_beside(word: Token, added: Token) -> bool:
    """Whether letters beside a known word are no part of it."""
    return word.is_intact and bool(_UNSPACED.search(added.text))


def _with(last: Token, atom: Token) -> Token:
    """A word with the letters after it."""
    word = last.word or atom.word
    return replace(
        last,
        text=last.text + atom.text,
        word=word,
        is_sure=last.is_sure if last.word else atom.is_sure,
        is_intact=False,
        is_mixed=True,
    )
