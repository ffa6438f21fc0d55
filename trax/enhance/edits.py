"""Sentences as somebody else would write them, taken over word by word where the guards let it
pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from trax.enhance.guards import FEW_CHANGED, MOST_CHANGED, Change, rejection
from trax.enhance.sounds import letters
from trax.transcript import Edit, EditKind, Segment, Word, joined_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a kind of work may change.

    Attributes:
        wording: whether words may become others.
        glossary: terms as `letters` gives them.
        only_terms: whether nothing but these may be put in.
    """

    task: str
    wording: bool = True
    glossary: frozenset[str] = frozenset()
    only_terms: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words of a sentence beside what is wanted in their place; *first* is the index of the first
    one.
    """

    first: int
    words: tuple[Word, ...]
    wanted: tuple[str, ...]


def revised(
    words: Sequence[Word], wanted: str, rules: Rules, cuts: frozenset[int] = frozenset()
) -> tuple[list[tuple[Word, ...]], list[Edit]]:
    """For each word of a sentence what stands in its place, and every edit that *wanted* asks for.

    No edit adds or loses time: a word that becomes another one keeps its times, and several that
    become others share the time that they had. What stands in the place of the first of them holds
    them all; the others' is empty.

    Args:
        words: of the sentence.
        wanted: the sentence as it should read.
        rules: what may be changed.
        cuts: indices of words before which a segment begins: several words that lie across one stay
            as they are.
    """
    result: list[tuple[Word, ...]] = [(word,) for word in words]
    edits = []
    groups = list(_groups(words))
    stretches = list(_stretches([_joined(words, group) for group in groups], wanted.split()))
    changed = sum(max(len(each.words), len(each.wanted)) for each in stretches if _differs(each))
    rewrites = changed > max(FEW_CHANGED, MOST_CHANGED * len(groups))
    for each in stretches:
        first = groups[each.first].start if each.first < len(groups) else len(words)
        past = groups[each.first + len(each.words) - 1].stop if each.words else first
        old = tuple(words[first:past])
        if joined_text(old) == " ".join(each.wanted):
            continue
        change = Change(
            old, each.wanted, each.first == 0, rules.glossary, rewrites, rules.only_terms
        )
        new = _cut_like(old, each.wanted) if change.is_form else _placed(old, each.wanted)
        reason = _verdict(change, rules)
        if not reason and len(new) != len(old) and any(first < cut < past for cut in cuts):
            reason = "it lies across a cut between segments"
        if not reason and len(new) != len(old) and len({word.speaker for word in old}) > 1:
            reason = "it lies across a change of speakers"
        edits.append(_edit(change, rules.task, words, first, reason))
        if not reason:
            result[first:past] = (
                [(word,) for word in new] if len(new) == len(old) else [new, *[()] * (len(old) - 1)]
            )
    return result, edits


def replaced(segments: Sequence[Segment], new: Sequence[tuple[Word, ...]]) -> tuple[Segment, ...]:
    """The segments with *new* in the place of each of their words, in order."""
    following = iter(new)
    return tuple(
        replace(segment, words=tuple(word for _ in segment.words for word in next(following)))
        for segment in segments
    )


def _groups(words: Sequence[Word]) -> Iterator[range]:
    """Indices of words that no space separates."""
    first = 0
    for index in range(1, len(words) + 1):
        if index == len(words) or not words[index].joined:
            yield range(first, index)
            first = index


def _joined(words: Sequence[Word], group: range) -> Word:
    return replace(
        words[group.start], end=words[group.stop - 1].end, text=joined_text(words[i] for i in group)
    )


def _stretches(words: Sequence[Word], wanted: Sequence[str]) -> Iterator[_Stretch]:
    """Both side by side: a word each where the letters are the same or the numbers are equal, else
    all of a dispute.
    """
    left: tuple[Word, ...] = ()
    right: tuple[str, ...] = ()
    first = 0
    for step in Levenshtein.opcodes(
        [_key(word.text) for word in words], [_key(text) for text in wanted]
    ):
        ours, theirs = (
            tuple(words[step.src_start : step.src_end]),
            tuple(wanted[step.dest_start : step.dest_end]),
        )
        if step.tag != "equal":
            first = first if left or right else step.src_start
            left, right = (*left, *ours), (*right, *theirs)
            continue
        yield from _dispute(first, left, right)
        left, right = (), ()
        for offset, (word, text) in enumerate(zip(ours, theirs, strict=True)):
            yield _Stretch(step.src_start + offset, (word,), (text,))
    yield from _dispute(first, left, right)


def _dispute(first: int, words: tuple[Word, ...], wanted: tuple[str, ...]) -> Iterator[_Stretch]:
    """A dispute as one stretch, or word by word where both sides have as many and no letters move
    between words.
    """
    if len(words) == len(wanted) and _key(joined_text(words)) != _key(" ".join(wanted)):
        yield from (_Stretch(first + i, (words[i],), (wanted[i],)) for i in range(len(words)))
    elif words or wanted:
        yield _Stretch(first, words, wanted)


def _key(text: str) -> str:
    """What is compared: letters, or the sign itself where there are none."""
    return letters(text) or text


def _differs(stretch: _Stretch) -> bool:
    return _key(joined_text(stretch.words)) != _key(" ".join(stretch.wanted))


def _verdict(change: Change, rules: Rules) -> str:
    """Why a change is not made; empty where it is."""
    if not rules.wording and not change.is_form:
        return "it changes words"
    return rejection(change)


def _edit(change: Change, task: str, words: Sequence[Word], first: int, reason: str) -> Edit:
    """An edit at the time of its words; where there are none, at the end of the word before."""
    before = change.before
    at = words[max(0, min(first, len(words)) - 1)].end if not before else before[0].start
    kind = EditKind.FORM if change.is_form else EditKind.WORDING
    return Edit(
        at,
        max((word.end for word in before), default=at),
        kind,
        task,
        change.said,
        change.wanted,
        reason,
    )


def _cut_like(old: tuple[Word, ...], wanted: tuple[str, ...]) -> tuple[Word, ...]:
    """*wanted*, which has the letters of *old*, cut where words are joined without a space; else as
    `_placed`.
    """
    if len(wanted) != 1 or not all(word.joined for word in old[1:]):
        return _placed(old, wanted)
    pieces, rest = [], wanted[0]
    for index in range(1, len(old)):
        size = len(letters(joined_text(old[index:])))
        cut = max((at for at in range(len(rest) + 1) if len(letters(rest[at:])) == size), default=0)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    if not all(pieces):
        return _placed(old, wanted)
    return tuple(replace(word, text=text) for word, text in zip(old, pieces, strict=True))


def _placed(old: tuple[Word, ...], wanted: tuple[str, ...]) -> tuple[Word, ...]:
    """*wanted* at the times of *old*: word by word where there are as many, else by the letters'
    share.
    """
    if len(old) == len(wanted):
        return tuple(replace(word, text=text) for word, text in zip(old, wanted, strict=True))
    if not old or not wanted:
        return ()
    start, end = old[0].start, max(word.end for word in old)
    sizes = [max(1, len(letters(text))) for text in wanted]
    edges = [start + (end - start) * sum(sizes[:at]) / sum(sizes) for at in range(len(sizes) + 1)]
    edges = [start, *(min(max(round(edge, 3), start), end) for edge in edges[1:-1]), end]
    sure = [word.confidence for word in old if word.confidence is not None]
    heard = replace(old[0], confidence=min(sure, default=None))
    return tuple(
        replace(
            heard, start=edges[at], end=edges[at + 1], text=text, joined=heard.joined and at == 0
        )
        for at, text in enumerate(wanted)
    )
