"""How many words are probably wrong, and how many people put right."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from trax.revision.operations import Delete, Insert, Operation, Replace, Together
from trax.store.questions import Expectation, Revised
from trax.transcript import spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """How sure transcripts of one kind were.

    Attributes:
        expected_errors: share of all their words that is probably wrong; ``None`` if unknown.
        speaker_confidence: mean share of speech with the right speaker; ``None`` if unknown.
    """

    by: dict[str, str]
    transcripts: int
    words: int
    expected_errors: float | None
    speaker_confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What people put right in transcripts that they changed. A word that nobody changed may be
    wrong all the same: this is the least that was wrong.

    Attributes:
        changed: words that were replaced, put in or deleted.
        share: of all words; ``None`` without words.
        expected: share that was expected to be wrong before; ``None`` if unknown.
    """

    transcripts: int
    words: int
    changed: int
    share: float | None
    expected: float | None


def certainties(found: Iterable[Expectation], by: Sequence[str] = ("plan",)) -> list[Certainty]:
    """How sure transcripts were, apart *by* plan, language, made or week; the most words first."""
    groups: dict[tuple[str, ...], list[Expectation]] = defaultdict(list)
    for each in found:
        groups[tuple(_value(each, name) for name in by)].append(each)
    made = [_certainty(dict(zip(by, key, strict=True)), each) for key, each in groups.items()]
    return sorted(made, key=lambda each: -each.words)


def corrected(found: Iterable[Revised]) -> Corrected:
    """What people put right, in all."""
    listed = [each for each in found if each.words]
    words = sum(each.words for each in listed)
    changed = sum(_changed(each.operations) for each in listed)
    known = [each for each in listed if each.expected_errors is not None]
    return Corrected(
        transcripts=len(listed),
        words=words,
        changed=changed,
        share=changed / words if words else None,
        expected=_weighted((each.expected_errors, each.words) for each in known),
    )


def _value(each: Expectation, name: str) -> str:
    if name == "week":
        year, week, _day = each.at.isocalendar()
        return f"{year}-W{week:02}"
    return str(getattr(each, name))


def _certainty(by: dict[str, str], group: Sequence[Expectation]) -> Certainty:
    speakers = [each.speaker_confidence for each in group if each.speaker_confidence is not None]
    return Certainty(
        by=by,
        transcripts=len(group),
        words=sum(each.words for each in group),
        expected_errors=_weighted((each.expected_errors, each.words) for each in group),
        speaker_confidence=fmean(speakers) if speakers else None,
    )


def _weighted(values: Iterable[tuple[float | None, int]]) -> float | None:
    """The mean of what is known, each as often as its weight says."""
    known = [(value, weight) for value, weight in values if value is not None and weight]
    total = sum(weight for _value, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def _changed(operations: Iterable[Operation]) -> int:
    """How many words people changed, each once. A word that they put in and changed or deleted
    again counts as put in, or not at all.
    """
    put_in: set[str] = set()
    touched: set[str] = set()
    for operation in _single(operations):
        match operation:
            case Insert():
                put_in.update(word.id for word in operation.words)
            case Replace() if spelling(operation.text):
                touched.add(operation.word)
            case Delete():
                touched.update(set(operation.words) - put_in)
                put_in.difference_update(operation.words)
    return len(touched - put_in) + len(put_in)


def _single(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, Together):
            yield from _single(operation.operations)
        else:
            yield operation
