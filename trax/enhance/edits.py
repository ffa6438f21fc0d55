"""Edit a sentence towards what a model wrote, as far as the guards allow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trax.enhance.alignment import Stretch, align
from trax.enhance.change import Change
from trax.enhance.guards import FEW_CHANGED, MOST_CHANGED, rejection
from trax.enhance.placement import placed, placed_in_form
from trax.transcript import Edit, EditKind, Segment, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRules:
    """What one kind of work may change.

    Attributes:
        task: the kind of work.
        wording: whether words may become others.
        glossary: terms as `letters` gives them.
        only_terms: whether only these may be inserted.
    """

    task: str
    wording: bool = True
    glossary: frozenset[str] = frozenset()
    only_terms: bool = False


def edit_sentence(
    words: Sequence[Word],
    wanted: str,
    rules: EditRules,
    cuts: frozenset[int] = frozenset(),
) -> tuple[list[tuple[Word, ...]], list[Edit]]:
    """For each word of a sentence what replaces it, and every edit that *wanted* asks for.

    No edit adds or loses time: a word that becomes another one keeps its times, and several words
    share the time of those they replace. They all stand in place of the first one; the places of
    the others are empty.

    Args:
        words: of the sentence.
        wanted: the sentence as it should read.
        rules: what may be changed.
        cuts: indices of words before which a segment begins. A change in the number of words does
            not cross them.
    """
    stretches = align(words, wanted.split())
    rewrites = _rewrites(stretches)
    result: list[tuple[Word, ...]] = [(word,) for word in words]
    edits = []
    for stretch in stretches:
        if stretch.is_same_text:
            continue
        change = _change(stretch, rules, rewrites=rewrites)
        new = _new_words(change)
        reason = _verdict(change, rules) or _divided(stretch, new, cuts)
        edits.append(_edit(change, rules.task, _time_of(stretch, words), reason))
        if not reason:
            result[stretch.first : stretch.past] = _by_place(stretch.words, new)
    return result, edits


def replace_words(
    segments: Sequence[Segment], replacements: Sequence[tuple[Word, ...]]
) -> tuple[Segment, ...]:
    """The segments with each of their words replaced, in order."""
    following = iter(replacements)
    changed = []
    for segment in segments:
        words: list[Word] = []
        for _ in segment.words:
            words += next(following)
        changed.append(replace(segment, words=tuple(words)))
    return tuple(changed)


def _rewrites(stretches: Sequence[Stretch]) -> bool:
    """Whether so much changes that it would be another sentence."""
    tokens = 0
    changed = 0
    for stretch in stretches:
        tokens += stretch.tokens
        changed += stretch.changed_tokens
    return changed > max(FEW_CHANGED, MOST_CHANGED * tokens)


def _change(stretch: Stretch, rules: EditRules, *, rewrites: bool) -> Change:
    return Change(
        before=stretch.words,
        after=stretch.wanted,
        opens=stretch.opens,
        glossary=rules.glossary,
        rewrites=rewrites,
        only_terms=rules.only_terms,
    )


def _new_words(change: Change) -> tuple[Word, ...]:
    if change.is_form:
        return placed_in_form(change.before, change.after)
    return placed(change.before, change.after)


def _verdict(change: Change, rules: EditRules) -> str:
    """Why a change is not made; empty if it is."""
    if not rules.wording and not change.is_form:
        return "it changes words"
    return rejection(change)


def _divided(
    stretch: Stretch,
    new: Sequence[Word],
    cuts: frozenset[int],
) -> str:
    """Why words that would become more or fewer must stay apart; empty if they need not."""
    if len(new) == len(stretch.words):
        return ""
    if any(stretch.first < cut < stretch.past for cut in cuts):
        return "it lies across a cut between segments"
    if len({word.speaker for word in stretch.words}) > 1:
        return "it lies across a change of speakers"
    return ""


def _by_place(old: Sequence[Word], new: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """What stands in the place of each old word."""
    if len(new) == len(old):
        for word in new:
            yield (word,)
        return
    yield new
    for _ in old[1:]:
        yield ()


def _time_of(stretch: Stretch, words: Sequence[Word]) -> tuple[float, float]:
    """Start and end of the stretch; an addition is at the end of the word before it."""
    if stretch.words:
        end = max(word.end for word in stretch.words)
        return stretch.words[0].start, end
    before = words[max(0, stretch.first - 1)]
    return before.end, before.end


def _edit(
    change: Change,
    task: str,
    time: tuple[float, float],
    reason: str,
) -> Edit:
    start, end = time
    kind = EditKind.FORM if change.is_form else EditKind.WORDING
    return Edit(
        start,
        end,
        kind,
        task,
        change.said,
        change.wanted,
        reason,
    )
