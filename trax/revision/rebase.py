"""Operations carried over to another version of the transcript they were made on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from trax.errors import InputError, InvalidOption, NotFound
from trax.revision.operations import (
    Delete,
    Insert,
    Join,
    Operation,
    Relabel,
    Replace,
    Restore,
    Silence,
    Split,
    Together,
    Withdraw,
)
from trax.revision.reasons import REASONS
from trax.revision.sheet import Sheet
from trax.transcript import Span, Transcript, Word

NEAR = 0.5
"""Seconds: how far apart the same word may be in two versions."""

Find = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """An operation, or a part of one, that fits nowhere in the new version: people decide.

    Attributes:
        reason: why, for people.
        span: when the words that it names were said; ``None`` where it names none that are known.
    """

    operation: Operation
    reason: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """What became of operations on a new version.

    Attributes:
        transcript: the new version after them.
        operations: those that were applied, on the new version's ids.
        misfits: the others.
    """

    transcript: Transcript
    operations: tuple[Operation, ...]
    misfits: tuple[Misfit, ...]


def rebase(operations: Iterable[Operation], old: Transcript, new: Transcript) -> Rebased:
    """Carry *operations*, made on *old* one after the other, over to *new*.

    A word is the one with the same id. If that is gone, it is the only one nearby with the same
    spelling, provided that *old* has no other such word there either; or with the spelling that
    people gave it, provided that *old* has no such word there: *new* may have heard it right. Every
    operation is either applied or among the misfits; of a `Relabel` each word is carried over by
    itself. Sound that went with its words goes by its time, whatever is heard there now.
    """
    wanted = list(operations)
    given = dict(text for each in wanted for text in _given(each))
    applied: list[Operation] = []
    misfits: list[Misfit] = []
    sheet = Sheet(new)
    said = _Said(old)
    finder = _Finder(Sheet(old), sheet, said, given)
    for operation in wanted:
        for part in _parts(operation, finder):
            try:
                moved = _moved(part, finder.find)
                sheet.apply(moved)
            except InputError as error:
                span = said.span(_named(part))
                misfits.append(Misfit(operation=part, reason=str(error), span=span))
                quiet = tuple(filter(None, map(said.span, _silenced(part))))
                if quiet:
                    applied.append(Silence(spans=quiet))
                    sheet.apply(applied[-1])
            else:
                applied.append(moved)
    return Rebased(transcript=sheet.transcript, operations=tuple(applied), misfits=tuple(misfits))


class _Said:
    """When words of a version were said."""

    def __init__(self, version: Transcript) -> None:
        self._words: dict[str, list[Word]] = defaultdict(list)
        for word in (*version.words, *(word for each in version.removed for word in each.words)):
            self._words[word.id].append(word)

    def word(self, name: str) -> Word | None:
        """The word with an id."""
        found = self._words.get(name)
        return found[0] if found else None

    def span(self, names: set[str]) -> Span | None:
        """From the first to the last moment of some words."""
        words = [word for name in names for word in self._words.get(name, ())]
        if not words:
            return None
        return Span(min(word.start for word in words), max(word.end for word in words))


class _Finder:
    """Finds words of one version in another.

    Args:
        said: the words of the old one.
        given: texts that people gave to them, by id.
    """

    def __init__(self, old: Sheet, new: Sheet, said: _Said, given: Mapping[str, str]) -> None:
        self._old = old
        self._new = new
        self._said = said
        self._given = given

    def find(self, name: str) -> str:
        """The id that a word has in the new version; of no word, none.

        Raises:
            NotFound: neither version has such a word.
            InvalidOption: none of the new version's words is this one, or several may be.
        """
        if not name or self._new.has(name):
            return name
        word = self._said.word(name)
        if word is None:
            raise NotFound("word", name, "neither version has a word with this id")
        found = self._one(word, 1)
        if found is None and name in self._given:
            found = self._one(replace(word, text=self._given[name]), 0)
        if found is None:
            at = f"{word.start:.3f}"
            raise InvalidOption(REASONS.say("unclear-word", word=repr(word.text), at=at))
        return found.id

    def _one(self, word: Word, before: int) -> Word | None:
        """The only word like this one nearby, if *before* of the old version's are like it."""
        found = _alike(word, self._new)
        is_clear = len(found) == 1 and len(_alike(found[0], self._old)) == before
        return found[0] if is_clear else None


def _given(operation: Operation) -> list[tuple[str, str]]:
    """Words that get another text, by their ids, and that text."""
    match operation:
        case Replace():
            return [(operation.word, operation.text)]
        case Together():
            return [text for each in operation.operations for text in _given(each)]
        case _:
            return []


def _alike(word: Word, version: Sheet) -> list[Word]:
    """The words of a version that are spelled like *word* and are near it."""
    return [each for each in version.spelled_like(word) if each.distance(word) <= NEAR]


def _parts(operation: Operation, finder: _Finder) -> list[Operation]:
    """The operation as parts that fit or do not: those words of a `Relabel` that are found, and
    each other word.
    """
    if not isinstance(operation, Relabel):
        return [operation]
    found = []
    lost: list[Operation] = []
    for label in operation.labels:
        try:
            finder.find(label.word)
        except InputError:
            lost.append(Relabel(labels=(label,)))
        else:
            found.append(label)
    return [Relabel(labels=tuple(found)), *lost] if found else lost


def _moved(operation: Operation, find: Find) -> Operation:
    """The operation on words as *find* gives them."""
    match operation:
        case Replace() | Join() | Restore():
            return replace(operation, word=find(operation.word))
        case Insert():
            return replace(operation, after=find(operation.after), before=find(operation.before))
        case Delete() | Withdraw():
            return replace(operation, words=tuple(map(find, operation.words)))
        case Relabel():
            labels = tuple(replace(each, word=find(each.word)) for each in operation.labels)
            return replace(operation, labels=labels)
        case Split():
            return replace(operation, before=find(operation.before))
        case Together():
            parts = tuple(_moved(each, find) for each in operation.operations)
            return replace(operation, operations=parts)
        case _:
            return operation


def _named(operation: Operation) -> set[str]:
    """Ids of the words that an operation is about."""
    match operation:
        case Replace() | Join() | Restore():
            return {operation.word}
        case Insert():
            return {operation.after, operation.before}
        case Delete() | Withdraw():
            return set(operation.words)
        case Relabel():
            return {each.word for each in operation.labels}
        case Split():
            return {operation.before}
        case Together():
            return set().union(*map(_named, operation.operations))
        case _:
            return set()


def _silenced(operation: Operation) -> list[set[str]]:
    """The words of each deletion in an operation that takes their sound, too."""
    match operation:
        case Delete(silenced=True):
            return [set(operation.words)]
        case Together():
            return [names for each in operation.operations for names in _silenced(each)]
        case _:
            return []
