"""What differs between two versions of a transcript."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from trax.transcript import Transcript, Word, joined_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place at which two versions differ.

    Attributes:
        kind: ``replaced``, ``inserted``, ``deleted`` or ``relabelled``.
        start: seconds.
        end: seconds.
        before: what was there.
        after: what is there.
        words_before: ids.
        words_after: ids.
    """

    kind: str
    start: float
    end: float
    before: str
    after: str
    speaker_before: str | None
    speaker_after: str | None
    words_before: tuple[str, ...]
    words_after: tuple[str, ...]


def differences(one: Transcript, other: Transcript) -> list[Difference]:
    """Where *other* differs from *one* in words and who says them, in order.

    Words are the same if they have the same id.
    """
    return list(_differences(one.words, other.words))


def renamed(one: Transcript, other: Transcript) -> dict[str, list[str | None]]:
    """The names before and after of speakers whose names differ, by label."""
    before = {speaker.label: speaker.name for speaker in one.speakers}
    after = {speaker.label: speaker.name for speaker in other.speakers}
    found = {}
    for label in {**before, **after}:
        names = [before.get(label), after.get(label)]
        if names[0] != names[1] or (label in before) != (label in after):
            found[label] = names
    return found


def _differences(before: Sequence[Word], after: Sequence[Word]) -> Iterator[Difference]:
    ids = [word.id for word in before], [word.id for word in after]
    matcher = SequenceMatcher(None, *ids, autojunk=False)
    for tag, first, past, begin, end in matcher.get_opcodes():
        if tag == "equal":
            yield from _changed(before[first:past], after[begin:end])
        else:
            kind = {"replace": "replaced", "insert": "inserted", "delete": "deleted"}[tag]
            yield _difference(kind, before[first:past], after[begin:end])


def _changed(before: Sequence[Word], after: Sequence[Word]) -> Iterator[Difference]:
    """Runs of the same words with another text or speaker."""
    at = 0
    while at < len(before):
        kind = _kind(before[at], after[at])
        past = at + 1
        while past < len(before) and _kind(before[past], after[past]) == kind:
            past += 1
        if kind:
            yield _difference(kind, before[at:past], after[at:past])
        at = past


def _kind(before: Word, after: Word) -> str:
    if before.text != after.text:
        return "replaced"
    return "relabelled" if before.speaker != after.speaker else ""


def _difference(kind: str, before: Sequence[Word], after: Sequence[Word]) -> Difference:
    both = [*before, *after]
    return Difference(
        kind=kind,
        start=min(word.start for word in both),
        end=max(word.end for word in both),
        before=joined_text(before),
        after=joined_text(after),
        speaker_before=before[0].speaker if before else None,
        speaker_after=after[0].speaker if after else None,
        words_before=tuple(word.id for word in before),
        words_after=tuple(word.id for word in after),
    )
