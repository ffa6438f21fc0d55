"""How much was worked on, how fast, and what was waited for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from trax.scoring.histogram import Histogram
from trax.store.days import JobDay, StageDay

StageKey = Literal["day", "stage", "plan", "machine", "device", "model"]
JobKey = Literal["day", "pipeline", "plan", "status"]

_Day = TypeVar("_Day", StageDay, JobDay)


@dataclass(frozen=True, slots=True)
class Spread:
    """Where values lie: half of them are below ``middle``, nine of ten below ``high``, 99 of 100
    below ``highest``.
    """

    middle: float
    high: float
    highest: float

    @classmethod
    def of(cls, values: Histogram) -> "Spread | None":
        """The spread of *values*; ``None`` if there are none."""
        middle, high, highest = map(values.quantile, (0.5, 0.9, 0.99))
        if middle is None or high is None or highest is None:
            return None
        return cls(middle, high, highest)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFigures:
    """How runs of stages went.

    Attributes:
        by: what they have in common, such as ``{"stage": "recognise"}``.
        cached: runs that a checkpoint supplied.
        skipped: runs that had nothing to do.
        retries: how often a stage was begun again.
        seconds: worked in all.
        audio_seconds: of the recordings that were worked on.
        processor_seconds: that processors worked; twice the seconds if two did.
        gpu_busy_seconds: for which a GPU was busy.
        written_bytes: to disks.
        took: seconds of a run; ``None`` if none had work to do.
        pace: seconds a second of audio, likewise.
    """

    by: dict[str, str]
    runs: int
    cached: int
    skipped: int
    retries: int
    seconds: float
    audio_seconds: float
    peak_memory_bytes: int
    peak_device_memory_bytes: int
    processor_seconds: float
    gpu_busy_seconds: float
    written_bytes: int
    took: Spread | None
    pace: Spread | None

    @property
    def processors(self) -> float | None:
        """Processors that were busy on average; ``None`` if nothing was worked on."""
        return self.processor_seconds / self.seconds if self.seconds else None

    @property
    def speed_factor(self) -> float | None:
        """Seconds of audio a second of work; ``None`` if nothing was worked on."""
        return self.audio_seconds / self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFigures:
    """How jobs ended.

    Attributes:
        by: what they have in common, such as ``{"status": "completed"}``.
        attempts: how often they were begun.
        audio_seconds: of their recordings.
        waited: seconds until work began; ``None`` if nothing is known.
        took: seconds from then on.
        pace: likewise, a second of audio.
    """

    by: dict[str, str]
    jobs: int
    attempts: int
    audio_seconds: float
    waited: Spread | None
    took: Spread | None
    pace: Spread | None


def stage_figures(
    days: Iterable[StageDay], by: Sequence[StageKey] = ("stage",)
) -> list[StageFigures]:
    """How stages went, apart *by* some of what is known; those that took longest first."""
    found = [_stages(key, group) for key, group in _grouped(days, by)]
    return sorted(found, key=lambda each: -each.seconds)


def job_figures(days: Iterable[JobDay], by: Sequence[JobKey] = ("status",)) -> list[JobFigures]:
    """How jobs ended, apart *by* some of what is known; the most first."""
    found = [_jobs(key, group) for key, group in _grouped(days, by)]
    return sorted(found, key=lambda each: -each.jobs)


def _grouped(
    days: Iterable[_Day], by: Sequence[str]
) -> Iterable[tuple[dict[str, str], Sequence[_Day]]]:
    groups: dict[tuple[str, ...], list[_Day]] = defaultdict(list)
    for day in days:
        groups[tuple(str(getattr(day, name)) for name in by)].append(day)
    for key, group in groups.items():
        yield dict(zip(by, key, strict=True)), group


def _stages(by: dict[str, str], days: Sequence[StageDay]) -> StageFigures:
    return StageFigures(
        by=by,
        runs=sum(day.runs for day in days),
        cached=sum(day.cached for day in days),
        skipped=sum(day.skipped for day in days),
        retries=sum(day.retries for day in days),
        seconds=sum(day.seconds for day in days),
        audio_seconds=sum(day.audio_seconds for day in days),
        peak_memory_bytes=max(day.peak_memory_bytes for day in days),
        peak_device_memory_bytes=max(day.peak_device_memory_bytes for day in days),
        processor_seconds=sum(day.processor_seconds for day in days),
        gpu_busy_seconds=sum(day.gpu_busy_seconds for day in days),
        written_bytes=sum(day.written_bytes for day in days),
        took=_spread(days, lambda day: day.took),
        pace=_spread(days, lambda day: day.paces),
    )


def _jobs(by: dict[str, str], days: Sequence[JobDay]) -> JobFigures:
    return JobFigures(
        by=by,
        jobs=sum(day.jobs for day in days),
        attempts=sum(day.attempts for day in days),
        audio_seconds=sum(day.audio_seconds for day in days),
        waited=_spread(days, lambda day: day.waited),
        took=_spread(days, lambda day: day.took),
        pace=_spread(days, lambda day: day.paces),
    )


def _spread(days: Iterable[_Day], values: Callable[[_Day], Histogram]) -> Spread | None:
    return Spread.of(Histogram.sum(map(values, days)))
