"""A transcript while many operations are done to it, each to the few segments that it is about."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from trax.errors import InputError
from trax.revision.editing import apply, inverse
from trax.revision.operations import (
    Delete,
    Insert,
    Join,
    Operation,
    Relabel,
    Replace,
    Split,
    Together,
)
from trax.revision.places import tallied
from trax.transcript import Notes, Segment, Span, Transcript, Word, spelling


class Sheet:
    """A transcript that many operations are applied to, with the results of `apply` and `inverse`;
    of a long one these look through all words every time.
    """

    _base: Transcript  # as it was when all of it was last looked through
    _made: Transcript | None
    _segments: list[Segment]
    _silenced: tuple[Span, ...]
    _removed: set[str]
    _spelled: "_Spelled | None"
    _texts: dict[str, list[str]]
    _holding: dict[str, Segment]
    _numbers: dict[int, int]
    _is_odd: bool

    def __init__(self, transcript: Transcript) -> None:
        self._take(transcript)

    @property
    def transcript(self) -> Transcript:
        """The transcript as it is now."""
        if self._made is None:
            made = replace(
                self._base,
                segments=tuple(self._segments),
                notes=self._notes(slice(None)),
                silenced=self._silenced,
            )
            self._made = tallied(made)
        return self._made

    def has(self, word: str) -> bool:
        """Whether a word with this id stands there, or was removed."""
        return word in self._holding or word in self._removed

    def spelled_like(self, word: Word) -> list[Word]:
        """The words that are spelled like one, removed ones included."""
        if self._spelled is None:
            self._spelled = _Spelled()
            for segment in self._segments:
                self._spelled.add(segment.words)
            for each in self._base.removed:
                self._spelled.add(each.words)
        return self._spelled.like(word)

    def inverse(self, operation: Operation) -> Operation:
        """What undoes an operation that is about to be applied.

        Raises:
            NotFound, InvalidOption: as `apply` does.
        """
        near = self._near(operation)
        if near is not None:
            try:
                return inverse(self._cut(near), operation)
            except InputError:
                pass  # said of the whole
        return inverse(self.transcript, operation)

    def apply(self, operation: Operation) -> None:
        """Do an operation; one that cannot be done changes nothing.

        Raises:
            NotFound: a word, speaker or removed text that it names is not there.
            InvalidOption: it would leave a word without text, or words out of order.
        """
        near = self._near(operation)
        if near is not None:
            try:
                after = apply(self._cut(near), operation)
            except InputError:
                pass  # said of the whole
            else:
                self._put(near, after)
                return
        before = self.transcript
        whole = apply(before, operation)
        if whole.segments is before.segments and whole.removed is before.removed:
            self._base = self._made = whole
            self._silenced = whole.silenced
        else:
            self._take(whole)

    def _take(self, transcript: Transcript) -> None:
        self._base = transcript
        self._made = transcript
        self._segments = list(transcript.segments)
        self._silenced = transcript.silenced
        self._removed = {word.id for each in transcript.removed for word in each.words}
        self._spelled = None
        translations = transcript.notes.translations if transcript.notes else {}
        self._texts = {language: list(texts) for language, texts in translations.items()}
        self._holding = {}
        for segment in self._segments:
            self._holding.update(dict.fromkeys((word.id for word in segment.words), segment))
        self._count()
        self._is_odd = (
            len(self._holding) != sum(len(segment.words) for segment in self._segments)
            or len(self._numbers) != len(self._segments)
            or any(len(texts) != len(self._segments) for texts in self._texts.values())
        )

    def _count(self) -> None:
        self._numbers = {id(segment): number for number, segment in enumerate(self._segments)}

    def _near(self, operation: Operation) -> range | None:
        """The segments that an operation is about, with one that has words on either side; ``None``
        if that may be all.
        """
        named = None if self._is_odd else _named(operation)
        if not named or any(map(self.has, _added(operation))):
            return None
        numbers = []
        for name in named:
            if name not in self._holding:
                return None
            numbers.append(self._numbers[id(self._holding[name])])
        first, last = min(numbers) - 1, max(numbers) + 1
        while first > 0 and not self._segments[first].words:
            first -= 1
        while last < len(self._segments) and not self._segments[last].words:
            last += 1
        return range(max(0, first), min(len(self._segments), last + 1))

    def _cut(self, near: range) -> Transcript:
        """Some segments as a transcript that is quick to change."""
        part = slice(near.start, near.stop)
        return replace(
            self._base,
            segments=tuple(self._segments[part]),
            turns=(),
            notes=self._notes(part),
            silenced=self._silenced,
        )

    def _notes(self, part: slice) -> Notes | None:
        """The notes with the translations of some segments."""
        notes = self._base.notes
        if notes is None or not self._texts:
            return notes
        cut = {language: tuple(texts[part]) for language, texts in self._texts.items()}
        return replace(notes, translations=cut)

    def _put(self, near: range, after: Transcript) -> None:
        """Put segments, as they are *after* an operation, in the place of others."""
        part = slice(near.start, near.stop)
        gone = self._segments[part]
        self._segments[part] = after.segments
        if after.notes is not None:
            for language, texts in self._texts.items():
                texts[part] = after.notes.translations[language]
        self._silenced = after.silenced
        self._made = None
        kept = {id(segment) for segment in gone} & {id(segment) for segment in after.segments}
        self._forget([each for each in gone if id(each) not in kept])
        self._learn([each for each in after.segments if id(each) not in kept])
        if len(gone) != len(after.segments):
            self._count()
            return
        for number, segment in zip(near, after.segments, strict=True):
            self._numbers[id(segment)] = number

    def _forget(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            del self._numbers[id(segment)]
            for word in segment.words:
                del self._holding[word.id]
            if self._spelled is not None:
                self._spelled.remove(segment.words)

    def _learn(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            self._holding.update(dict.fromkeys((word.id for word in segment.words), segment))
            if self._spelled is not None:
                self._spelled.add(segment.words)


class _Spelled:
    """Words by how they are spelled."""

    def __init__(self) -> None:
        self._words: dict[str, dict[int, Word]] = defaultdict(dict)  # by address

    def add(self, words: Sequence[Word]) -> None:
        for word in words:
            self._words[spelling(word.text)][id(word)] = word

    def remove(self, words: Sequence[Word]) -> None:
        for word in words:
            self._words[spelling(word.text)].pop(id(word), None)

    def like(self, word: Word) -> list[Word]:
        return list(self._words.get(spelling(word.text), {}).values())


def _named(operation: Operation) -> set[str] | None:
    """Ids of the words that an operation is about; ``None`` if it is about something else, too."""
    match operation:
        case Replace() | Join():
            return {operation.word}
        case Insert():
            return {operation.after or operation.before}
        case Delete():
            return set(operation.words)
        case Relabel():
            return {each.word for each in operation.labels}
        case Split():
            return {operation.before}
        case Together():
            found: set[str] = set()
            for each in operation.operations:
                named = _named(each)
                if named is None:
                    return None
                found |= named
            return found
        case _:
            return None


def _added(operation: Operation) -> list[str]:
    """Ids of the words that an operation puts in."""
    match operation:
        case Insert():
            return [word.id for word in operation.words]
        case Together():
            return [name for each in operation.operations for name in _added(each)]
        case _:
            return []
