"""All answers about a period, as one report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trax.service.analytics.accuracy import Certainty
from trax.service.analytics.advice import Bounds
from trax.service.analytics.answers import Accuracy, Analytics
from trax.service.analytics.bottlenecks import Bottleneck
from trax.service.analytics.costs import Costs
from trax.service.analytics.drift import Drift
from trax.service.analytics.failures import Pattern
from trax.service.analytics.period import Period
from trax.service.analytics.speed import JobFigures, Spread, StageFigures
from trax.service.analytics.storage import StorageFigures
from trax.service.analytics.targets import Target
from trax.store.advice import Advice

_HOUR = 3600.0
_TITLES = {
    "five minutes": "Five minutes of audio transcribed",
    "memory": "Memory of a stage",
    "speakers": "Speech with the right speaker",
    "words": "Words that are right",
    "cost": "Cost of a recording",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an installation did in a period; ``days`` are its jobs by day and status, ``worked`` its
    stages by day.
    """

    period: Period
    targets: tuple[Target, ...]
    jobs: tuple[JobFigures, ...]
    days: tuple[JobFigures, ...]
    worked: tuple[StageFigures, ...]
    stages: tuple[StageFigures, ...]
    failures: tuple[Pattern, ...]
    accuracy: Accuracy
    drifts: tuple[Drift, ...]
    costs: Costs
    storage: tuple[StorageFigures, ...]
    bounds: Bounds


def report(analytics: Analytics, period: Period) -> Report:
    """All answers about *period*."""
    return Report(
        period=period,
        targets=tuple(analytics.targets(period)),
        jobs=tuple(analytics.jobs(period, ("pipeline", "status"))),
        days=tuple(analytics.jobs(period, ("day", "status"))),
        worked=tuple(analytics.stages(period, ("day",))),
        stages=tuple(analytics.stages(period, ("stage", "plan", "device", "model"))),
        failures=tuple(analytics.failures(period)),
        accuracy=analytics.accuracy(period, ("plan", "language")),
        drifts=tuple(analytics.drifts(period)),
        costs=analytics.costs(period),
        storage=tuple(analytics.storage(period)),
        bounds=analytics.bounds(period),
    )


def markdown(found: Report) -> str:
    """A report as Markdown."""
    period = found.period
    sections = [
        f"# From {period.since} to {period.until}\n",
        targets_table(found.targets),
        _table("Jobs", _JOB_COLUMNS, map(_job_row, found.jobs)) or "No job has ended.\n",
        _table("Stages", _STAGE_COLUMNS, map(_stage_row, found.stages)),
        _table("Stages by day", _WORKED_COLUMNS, map(_worked_row, _by_day(found.worked))),
        _table("What bounds throughput", _BOUND_COLUMNS, map(_bound_row, found.bounds.bottlenecks)),
        _table("Advice", _ADVICE_COLUMNS, map(_advice_row, found.bounds.advice)),
        _accuracy(found.accuracy),
        _table("Worse than before", _DRIFT_COLUMNS, map(_drift_row, found.drifts)),
        _costs(found.costs),
        _table("Stored", _STORAGE_COLUMNS, map(_storage_row, found.storage)),
        "".join(_failures(found.failures)),
    ]
    return "\n".join(section for section in sections if section)


def targets_table(found: Iterable[Target]) -> str:
    """Targets as a table in Markdown."""
    columns = ("target", "wanted", "found", "", "how it was measured")
    return _table("Targets", columns, map(_target_row, found))


def _target_row(target: Target) -> tuple[str, ...]:
    found = "unknown" if target.found is None else _amount(target.found, target.unit)
    wanted = _amount(target.wanted, target.unit)
    return _TITLES[target.name], wanted, found, target.state, target.note


def _amount(value: float, unit: str) -> str:
    if unit == "$":
        return f"${value:.4f}"
    return f"{value:.1f} {unit}"


_JOB_COLUMNS = ("pipeline", "ended", "jobs", "audio", "waited (9 of 10)", "took (9 of 10)")


def _job_row(found: JobFigures) -> tuple[str, ...]:
    return (
        found.by["pipeline"],
        found.by["status"],
        str(found.jobs),
        f"{found.audio_seconds / _HOUR:.1f} h",
        _spread(found.waited),
        _spread(found.took),
    )


_STAGE_COLUMNS = (
    "stage",
    "plan",
    "device",
    "model",
    "runs",
    "at hand",
    "retries",
    "took (9 of 10)",
    "times real time",
    "processors",
    "memory",
)


def _stage_row(found: StageFigures) -> tuple[str, ...]:
    speed = found.speed_factor
    return (
        found.by["stage"],
        found.by["plan"],
        found.by["device"],
        found.by["model"],
        str(found.runs),
        _at_hand(found),
        str(found.retries),
        _spread(found.took),
        f"{speed:.1f}" if speed else "",
        f"{found.processors:.1f}" if found.processors else "",
        f"{found.peak_memory_bytes / 1e9:.1f} GB" if found.peak_memory_bytes else "",
    )


_WORKED_COLUMNS = ("day", "runs", "at hand", "retries")


def _by_day(found: Iterable[StageFigures]) -> list[StageFigures]:
    """Figures of days, the newest first."""
    return sorted(found, key=lambda each: each.by["day"], reverse=True)


def _worked_row(found: StageFigures) -> tuple[str, ...]:
    return found.by["day"], str(found.runs), _at_hand(found), str(found.retries)


def _at_hand(found: StageFigures) -> str:
    return f"{found.cached / found.runs:.0%}" if found.runs else ""


def _spread(found: Spread | None) -> str:
    return f"{_duration(found.middle)} ({_duration(found.high)})" if found else ""


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


_BOUND_COLUMNS = ("bound by", "figures", "change", "would bring")


def _bound_row(found: Bottleneck) -> tuple[str, ...]:
    return found.bound, found.evidence, found.change or "figures name none", _gain(found.gain)


_ADVICE_COLUMNS = ("given", "change", "was to bring", "brought", "")
_STATES = {
    "open": "not followed yet",
    "changed": "followed; too few jobs since to say",
    "brought": "helped",
    "withdrawn": "wrong: not given any more on this machine",
}


def _advice_row(found: Advice) -> tuple[str, ...]:
    return (
        f"{found.given_at:%Y-%m-%d}",
        found.change,
        _gain(found.gain),
        _gain(found.brought),
        _STATES[found.state],
    )


def _gain(value: float | None) -> str:
    return "" if value is None else f"{value - 1.0:+.0%} throughput"


def _accuracy(found: Accuracy) -> str:
    columns = ("plan", "language", "transcripts", "words", "probably wrong", "right speaker")
    text = _table("How sure", columns, map(_certainty_row, found.certainties))
    known = found.corrected
    if known.share is None:
        return text
    expected = "" if known.expected is None else f"; {known.expected:.1%} was expected to be wrong"
    return (
        f"{text}\nPeople changed {known.changed} of the {known.words} words of "
        f"{known.transcripts} transcripts, {known.share:.1%}{expected}.\n"
    )


def _certainty_row(found: Certainty) -> tuple[str, ...]:
    return (
        found.by["plan"],
        found.by["language"],
        str(found.transcripts),
        str(found.words),
        _share(found.expected_errors),
        _share(found.speaker_confidence),
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"


_DRIFT_COLUMNS = ("what", "since", "plan", "language", "before", "after", "by chance")


def _drift_row(found: Drift) -> tuple[str, ...]:
    return (
        found.measure,
        f"{found.what}, {found.at:%Y-%m-%d}",
        found.plan,
        found.language,
        f"{found.before:.1%} of {found.recordings[0]}",
        f"{found.after:.1%} of {found.recordings[1]}",
        f"{found.chance:.1g}",
    )


def _costs(found: Costs) -> str:
    worked = [_work("processors", found.cpu_seconds, found)]
    if found.gpu_seconds:
        worked.append(_work("GPUs", found.gpu_seconds, found))
    worked.extend(
        (f"{each.model}: {each.task}", f"{each.calls} calls", f"${each.cost:.4f}")
        for each in found.models
    )
    return _table("Cost", ("what", "how much", "US dollars"), worked)


def _work(where: str, seconds: float, found: Costs) -> tuple[str, str, str]:
    """Work of machines, with its part of what all of it cost."""
    share = seconds / ((found.cpu_seconds + found.gpu_seconds) or 1.0)
    return f"work on {where}", _duration(seconds), f"${share * found.machines:.2f}"


_STORAGE_COLUMNS = ("kind", "objects", "size")


def _storage_row(found: StorageFigures) -> tuple[str, ...]:
    return found.by["kind"], str(found.objects), _size(found.size_bytes)


def _size(size_bytes: int) -> str:
    megabytes = size_bytes / 1e6
    return f"{megabytes / 1e3:.1f} GB" if megabytes >= 1e3 else f"{megabytes:.1f} MB"


def _failures(found: Sequence[Pattern]) -> Iterator[str]:
    if found:
        yield "## Failures\n"
    for each in found:
        stage = f" in {each.stage}" if each.stage else ""
        yield f"\n### {each.cause}{stage}: {each.jobs} ({each.share:.0%} of failures)\n\n"
        yield f"- Said: {each.said}\n"
        yield f"- From {each.first:%Y-%m-%d %H:%M} to {each.last:%Y-%m-%d %H:%M} UTC\n"
        if each.first < each.last:
            yield (
                f"- Trend: {each.share_before:.0%} of failures in the first half of the time, "
                f"{each.share_after:.0%} in the second\n"
            )
        if each.common:
            common = ", ".join(f"{name} {value}" for name, value in each.common.items())
            yield f"- In common: {common}\n"
        if each.where:
            yield f"- Where: {each.where}\n"
        yield f"- Jobs: {', '.join(each.examples)}\n"
        yield f"- **{each.advice}**\n"


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_line(row) for row in rows]
    if not lines:
        return ""
    return "\n".join([f"## {title}\n", _line(columns), "|" + " --- |" * len(columns), *lines, ""])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
