"""Failures that are alike, and what they have in common."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from trax.service.analytics.causes import cause_of
from trax.store.questions import Failure

_COMMON = 0.8  # share of failures that must have something for it to be in common
_LEAST = 3  # failures
_EXAMPLES = 3

_PROPERTIES: Mapping[str, Callable[[Failure], str]] = {
    "file type": lambda failure: PurePosixPath(failure.name).suffix.lower(),
    "length": lambda failure: _length(failure.duration),
    "pipeline": lambda failure: failure.pipeline,
    "plan": lambda failure: failure.plan,
    "machine": lambda failure: failure.machine,
    "language": lambda failure: _language(failure),
    "version": lambda failure: str(failure.report.get("version") or ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Failures that are alike.

    Attributes:
        where: file and line in Trax of the innermost step; empty if unknown.
        advice: what to do.
        share: of all failures of the period.
        share_before: of the failures in the first half of the time between the first and the last.
        share_after: likewise in the second half.
        common: what nearly all have in common, by property.
        examples: ids of the newest jobs.
        said: what the newest says.
    """

    cause: str
    stage: str
    where: str
    advice: str
    jobs: int
    share: float
    first: datetime
    last: datetime
    share_before: float
    share_after: float
    common: dict[str, str]
    examples: tuple[str, ...]
    said: str


def patterns(failures: Sequence[Failure]) -> list[Pattern]:
    """Failures by cause and place, the most frequent first."""
    groups: dict[tuple[str, str, str], list[Failure]] = defaultdict(list)
    for failure in failures:
        groups[_kind(failure)].append(failure)
    middle = _middle([failure.at for failure in failures])
    found = [_pattern(kind, group, failures, middle) for kind, group in groups.items()]
    return sorted(found, key=lambda each: (-each.jobs, each.cause, each.stage))


def _kind(failure: Failure) -> tuple[str, str, str]:
    report = failure.report
    place = str(report.get("where") or "").partition(" in ")[0]
    return cause_of(report).name, str(report.get("stage") or ""), place


def _pattern(
    kind: tuple[str, str, str],
    group: Sequence[Failure],
    failures: Sequence[Failure],
    middle: datetime,
) -> Pattern:
    newest = sorted(group, key=lambda failure: failure.at, reverse=True)
    before = [failure for failure in failures if failure.at < middle]
    after = [failure for failure in failures if failure.at >= middle]
    return Pattern(
        cause=kind[0],
        stage=kind[1],
        where=kind[2],
        advice=cause_of(newest[0].report).advice,
        jobs=len(group),
        share=len(group) / len(failures),
        first=newest[-1].at,
        last=newest[0].at,
        share_before=_share(kind, before),
        share_after=_share(kind, after),
        common=_common(group),
        examples=tuple(failure.job_id for failure in newest[:_EXAMPLES]),
        said=str(newest[0].report.get("error") or ""),
    )


def _middle(times: Sequence[datetime]) -> datetime:
    if not times:
        return datetime.max
    first, last = min(times), max(times)
    return first + (last - first) / 2


def _share(kind: tuple[str, str, str], failures: Sequence[Failure]) -> float:
    if not failures:
        return 0.0
    return sum(_kind(failure) == kind for failure in failures) / len(failures)


def _common(group: Iterable[Failure]) -> dict[str, str]:
    listed = list(group)
    if len(listed) < _LEAST:
        return {}
    found = {}
    for name, value_of in _PROPERTIES.items():
        value, count = Counter(map(value_of, listed)).most_common(1)[0]
        if value and count >= _COMMON * len(listed):
            found[name] = value
    return found


def _language(failure: Failure) -> str:
    """The language that was asked for; empty if it was to be found out."""
    options = failure.report.get("options") or {}
    recognition = options.get("recognition") or {}
    return str(recognition.get("language") or "")


def _length(duration: float | None) -> str:
    if duration is None:
        return ""
    bounds = {60.0: "under a minute", 600.0: "1 to 10 minutes", 3600.0: "10 minutes to an hour"}
    return next((name for bound, name in bounds.items() if duration < bound), "over an hour")
