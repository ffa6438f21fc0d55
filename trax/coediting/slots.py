"""Words of edited lines matched with the words that a transcript has."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trax.coediting.archive import Archive
from trax.coediting.tokens import Token
from trax.transcript import Segment, Word


@dataclass(slots=True)
class Slot:
    """A word that a line is to have.

    Attributes:
        line: its number.
        is_first: whether it is the first of its line.
        is_kept: whether it is a word of the transcript that stays; else it is put in.
        id: that it has afterwards.
    """

    token: Token
    line: int
    is_first: bool
    is_kept: bool
    id: str


def new_id() -> str:
    """An id that no word has."""
    return secrets.token_hex(6)


def slots_of(
    base: Sequence[Word],
    lines: Sequence[Sequence[Token]],
    archive: Archive,
    elsewhere: Collection[str],
) -> list[Slot]:
    """What becomes of each token: a known word in its order stays, all others are put in.

    Args:
        base: the words that stand there in the transcript.
        elsewhere: ids of words that stand in other places.
    """
    order = {word.id: at for at, word in enumerate(base)}
    taken: set[str] = set()
    slots: list[Slot] = []
    last = -1
    for number, tokens in enumerate(lines):
        for place, token in enumerate(tokens):
            at = order.get(token.word, -1)
            joined = archive.is_joined(token.word) if place == 0 else token.joined
            is_kept = at > last and joined == base[at].joined and token.word not in taken
            if is_kept:
                last = at
            is_free = token.word and token.word not in taken and token.word not in elsewhere
            name = token.word if is_kept or is_free else new_id()
            taken.add(name)
            slots.append(Slot(token, number, place == 0, is_kept, name))
    return slots


def pair_up(segments: Sequence[Segment], slots: Sequence[Slot], archive: Archive) -> None:
    """New words that stand where words of one segment went become these words, corrected."""
    base = [word for segment in segments for word in segment.words]
    holding = {word.id: at for at, segment in enumerate(segments) for word in segment.words}
    order = {word.id: at for at, word in enumerate(base)}
    used = {slot.id for slot in slots}
    added: list[Slot] = []
    start = 0
    for slot in [*slots, None]:
        if slot is not None and not slot.is_kept:
            added.append(slot)
            continue
        stop = len(base) if slot is None else order[slot.id]
        gone = [word for word in base[start:stop] if word.id not in used]
        _pair(gone, [each for each in added if _is_new(each, archive)], holding)
        added = []
        start = stop + 1


def _is_new(slot: Slot, archive: Archive) -> bool:
    return archive.word(slot.id) is None and not slot.token.within


def _pair(gone: Sequence[Word], added: Sequence[Slot], holding: Mapping[str, int]) -> None:
    if len({slot.line for slot in added}) != 1 or len({holding[word.id] for word in gone}) != 1:
        return
    for word, slot in zip(gone, added, strict=False):
        if slot.token.joined != word.joined and not slot.is_first:
            return
        slot.is_kept = True
        slot.id = word.id
