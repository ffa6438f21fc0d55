"""Whether transcripts became worse since something changed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Literal

from trax.store.questions import Expectation

_AFTER = 50  # recordings after a change by which it is judged
_BEFORE = 300  # and before it
_LEAST = 20
_SIGNIFICANCE = 0.05  # of all that is looked at together (Bonferroni)
_SMALLEST = 0.005  # half a point: less is nothing to be told of

Measure = Literal["expected errors", "speaker doubts"]

_MEASURES: dict[Measure, Callable[[Expectation], float | None]] = {
    "expected errors": lambda each: each.expected_errors,
    "speaker doubts": lambda each: (
        None if each.speaker_confidence is None else 1.0 - each.speaker_confidence
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Something that has risen.

    Attributes:
        what: changed then: ``version 4.1``, or ``nothing known`` for the newest recordings.
        before: mean share before.
        after: and since.
        recordings: before, and since.
        chance: probability of as large a difference if nothing had changed (Mann-Whitney U,
            one-sided).
    """

    measure: Measure
    plan: str
    language: str
    what: str
    at: datetime
    before: float
    after: float
    recordings: tuple[int, int]
    chance: float


def drifts(found: Iterable[Expectation]) -> list[Drift]:
    """What has risen since a change of version, or lately, within recordings of one plan and
    language; the surest first.
    """
    groups: dict[tuple[str, str], list[Expectation]] = defaultdict(list)
    for each in sorted(found, key=lambda each: each.at):
        groups[each.plan, each.language].append(each)
    compared = [case for group in groups.values() for case in _cases(group)]
    told = [each for each in compared if each.after - each.before >= _SMALLEST]
    sure = [each for each in told if each.chance < _SIGNIFICANCE / len(compared)]
    return sorted(sure, key=lambda each: each.chance)


def _cases(group: Sequence[Expectation]) -> Iterator[Drift]:
    for at, what in _changes(group):
        for measure, value_of in _MEASURES.items():
            before = _known(group[max(at - _BEFORE, 0) : at], value_of)
            after = _known(group[at : at + _AFTER], value_of)
            if min(len(before), len(after)) >= _LEAST:
                yield _compared(group[at], what, measure, before, after)


def _changes(group: Sequence[Expectation]) -> Iterator[tuple[int, str]]:
    """Where something changed, and what."""
    for at in range(1, len(group)):
        if group[at].made != group[at - 1].made:
            yield at, f"version {group[at].made}"
    if len(group) >= _AFTER + _LEAST:
        yield len(group) - _AFTER, "nothing known"


def _known(
    group: Iterable[Expectation], value_of: Callable[[Expectation], float | None]
) -> list[float]:
    return [value for value in map(value_of, group) if value is not None]


def _compared(
    first: Expectation, what: str, measure: Measure, before: list[float], after: list[float]
) -> Drift:
    from scipy.stats import mannwhitneyu  # takes long to import

    return Drift(
        measure=measure,
        plan=first.plan,
        language=first.language,
        what=what,
        at=first.at,
        before=fmean(before),
        after=fmean(after),
        recordings=(len(before), len(after)),
        chance=float(mannwhitneyu(after, before, alternative="greater").pvalue),
    )
