"""Decisions of people on a transcript against another hearing of its recording."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from time import perf_counter

from benchmarks.report import Row
from trax.revision import Delete, Insert, Operation, Rebased, Relabel, Replace, rebase, relabelled
from trax.transcript import Segment, Transcript, Word, identified, spelling

_NEAR = 0.5  # seconds: how far from its place a decision is looked for
_JITTER = 0.08  # seconds by which the second hearing has words elsewhere
_HEARD_OTHERWISE = 0.05
_MISSED = 0.01
_SPOKEN_BY_ANOTHER = 0.1  # segments
_REAL = 0.02  # decisions whose very words the second hearing heard otherwise
_RIGHT = 0.2  # words that somebody put right, and that it heard right


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a word.

    Attributes:
        is_real: whether the second hearing has another word there.
    """

    word: Word
    operation: Operation
    is_real: bool


def against_another_hearing(base: Transcript, count: int, seed: int = 1) -> Row:
    """Decisions on *base* carried over to a hearing with other words, times, ids and speakers."""
    chance = Random(seed)
    decided = _decided(base, count, chance)
    heard = _heard_again(base, {each.word.id: each for each in decided}, chance)
    began = perf_counter()
    found = rebase([each.operation for each in decided], base, heard)
    seconds = perf_counter() - began
    kinds = Counter(each.operation.kind for each in decided)
    ends = Counter(_end(each, found) for each in decided)
    conflicts = [each for each in decided if _end(each, found) == "conflict"]
    unreal = sum(not each.is_real for each in conflicts)
    return {
        "words": len(base.words),
        "decisions": count,
        "kinds": ", ".join(f"{kind} {number}" for kind, number in kinds.items()),
        "kept": ends["kept"],
        "listed as conflicts": ends["conflict"],
        "lost": ends["lost"],
        "where the words were heard otherwise": sum(each.is_real for each in decided),
        "conflicts where none is real": unreal,
        "seconds": round(seconds, 1),
    }


def _decided(base: Transcript, count: int, chance: Random) -> list[Decision]:
    """Decisions about words that are some words apart."""
    words = base.words
    step = len(words) // count
    chosen = [words[at * step + chance.randrange(1, step - 1)] for at in range(count)]
    labels = [each.label for each in base.speakers]
    made: list[Decision] = []
    for number, word in enumerate(chosen):
        operation = _operation(number, word, labels, chance)
        made.append(Decision(word, operation, chance.random() < _REAL))
    return made


def _operation(number: int, word: Word, labels: Sequence[str], chance: Random) -> Operation:
    kind = chance.random()
    if kind < 0.6:
        return Replace(word=word.id, text=f"right{number}")
    if kind < 0.75:
        return Delete(words=(word.id,))
    if kind < 0.9:
        new = Word(word.end, word.end, f"typed{number}", speaker=word.speaker, id=f"n{number:011d}")
        return Insert(words=(new,), after=word.id)
    return relabelled([word.id], next(each for each in labels if each != word.speaker))


def _heard_again(base: Transcript, decided: dict[str, Decision], chance: Random) -> Transcript:
    segments = [_segment(each, base, decided, chance) for each in base.segments]
    return identified(replace(base, segments=tuple(filter(lambda each: each.words, segments))))


def _segment(
    segment: Segment, base: Transcript, decided: dict[str, Decision], chance: Random
) -> Segment:
    speaker = segment.speaker
    if chance.random() < _SPOKEN_BY_ANOTHER:
        speaker = chance.choice([each.label for each in base.speakers])
    words = [
        _moved(replace(word, id="", text=text, speaker=speaker), chance)
        for word in segment.words
        if (text := _text(word, decided.get(word.id), chance))
    ]
    spoken = tuple(sorted(words, key=lambda word: word.start))
    if not spoken:
        return replace(segment, words=())
    end = max(word.end for word in spoken)
    return replace(segment, start=spoken[0].start, end=end, words=spoken, speaker=speaker)


def _moved(word: Word, chance: Random) -> Word:
    shift = chance.uniform(0, _JITTER)
    return replace(word, start=round(word.start + shift, 3), end=round(word.end + shift, 3))


def _text(word: Word, decision: Decision | None, chance: Random) -> str:
    """What the second hearing has for a word; empty if it missed it."""
    if decision is None:
        kind = chance.random()
        if kind < _MISSED:
            return ""
        return f"other{chance.randrange(9999)}" if kind < _HEARD_OTHERWISE else word.text
    if decision.is_real:
        return f"third{chance.randrange(9999)}"
    if isinstance(decision.operation, Replace) and chance.random() < _RIGHT:
        return decision.operation.text
    return word.text


def _end(decision: Decision, found: Rebased) -> str:
    if any(each.operation == decision.operation for each in found.misfits):
        return "conflict"
    return "kept" if _stands(decision, found.transcript) else "lost"


def _stands(decision: Decision, made: Transcript) -> bool:
    """Whether the text says what was decided, at that time."""
    word, operation = decision.word, decision.operation
    near = [each for each in made.words if abs(each.start - word.start) <= _NEAR]
    said = {spelling(each.text) for each in near}
    if isinstance(operation, Replace):
        return spelling(operation.text) in said
    if isinstance(operation, Insert):
        return spelling(operation.words[0].text) in said
    if isinstance(operation, Delete):
        return spelling(word.text) not in said
    if not isinstance(operation, Relabel):
        return False
    label = operation.labels[0]
    return any(
        each.speaker == label.speaker and spelling(each.text) == spelling(word.text)
        for each in near
    )
