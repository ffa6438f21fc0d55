"""When words were said that nobody has looked for in the sound: between their neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trax.coediting.archive import Archive
from trax.coediting.slots import Slot
from trax.revision import SURE
from trax.transcript import Span, Word

_LETTER = 0.065  # seconds that a letter takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is around words that are put in.

    Attributes:
        previous: the word before them in their segment.
        following: the word after them in their segment.
        lead: the last word of the segment before.
        limit: the time before which they end.
        floor: the time before which the segment may not begin.
        ceiling: the time after which it may not begin; ``None`` if it has a beginning.
    """

    previous: Word | None = None
    following: Word | None = None
    lead: Word | None = None
    limit: float
    floor: float = 0.0
    ceiling: float | None = None


def timed_words(
    run: Sequence[Slot], speaker: str | None, beside: Beside, archive: Archive
) -> list[Word]:
    """Words that are put in: those from before with their times, new ones with times between."""
    words: list[Word] = []
    for at, slot in enumerate(run):
        previous = words[-1] if words else beside.previous
        former = archive.word(slot.id)
        fits = former is not None and _fits(former, previous, beside)
        if former is not None and fits:
            words.append(_formerly(slot, former, speaker, archive))
            continue
        later = [archive.word(each.id) for each in run[at + 1 :]]
        known = [word for word in later if word and _fits(word, previous, beside)]
        following = known[0] if known else beside.following
        room = _room(run[at:], previous, replace(beside, following=following))
        letters = sum(len(each.token.text) for each in run[at:])
        end = room.start + room.duration * len(slot.token.text) / letters
        span = Span(room.start, max(room.start, end))
        if former is None:
            words.append(_new(slot, span, speaker))
            continue
        # What is said of a word that only has to stand elsewhere stays as it was.
        moved = _formerly(slot, former, speaker, archive)
        words.append(replace(moved, start=span.start, end=span.end))
    return words


def _fits(word: Word, previous: Word | None, beside: Beside) -> bool:
    """Whether a word of before may stand there with its time."""
    following = beside.following
    if following is not None and word.start > following.start:
        return False
    if previous is not None:
        return previous.start <= word.start
    return beside.floor <= word.start <= (word.start if beside.ceiling is None else beside.ceiling)


def _formerly(slot: Slot, former: Word, speaker: str | None, archive: Archive) -> Word:
    """A word that was there before, with what it had."""
    label = archive.label(former.id, speaker)
    joined = archive.is_joined(slot.id) if slot.is_first else slot.token.joined
    return replace(
        former,
        text=slot.token.text,
        confidence=archive.confidence(slot.id, slot.token.text, SURE),
        joined=joined,
        speaker=speaker,
        doubts=label.doubts,
        speaker_confidence=label.confidence,
        id=slot.id,
    )


def _room(run: Sequence[Slot], previous: Word | None, beside: Beside) -> Span:
    """The time that the words of *run* may take."""
    following = beside.following
    wanted = _LETTER * sum(len(slot.token.text) for slot in run)
    before = previous or _lead(beside)
    if before is None:
        end = min(beside.limit, wanted) if following is None else following.start
        start = max(beside.floor, end - wanted)
        return Span(start, max(start, end))
    end = max(before.start, beside.limit if following is None else following.start)
    begin = (before.start + before.end) / 2 if run[0].token.within else before.end
    start = max(before.start, min(begin, end))
    if following is None:
        end = min(end, start + wanted)
    return Span(start, max(start, end))


def _lead(beside: Beside) -> Word | None:
    """The word before the segment, if the one after them is said later."""
    lead, following = beside.lead, beside.following
    if lead is None or (following is not None and following.start < lead.start):
        return None
    return lead


def _new(slot: Slot, span: Span, speaker: str | None) -> Word:
    token = slot.token
    return Word(
        span.start,
        span.end,
        token.text,
        SURE,
        speaker,
        joined=token.joined,
        speaker_confidence=SURE,
        id=slot.id,
    )
