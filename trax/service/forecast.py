"""When jobs will have ended, by how long their stages took before."""

import heapq
import math
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from statistics import median
from typing import Any

from trax.pipelines.all import PIPELINES
from trax.pipelines.transcribe import TRANSCRIBE
from trax.service.workers import Workers
from trax.store.figures import FigureRepository, OpenJob, StageFigure
from trax.work.graph import Pipeline

LEAST = 3
"""How often a stage must have run before anything is said."""

_ALIKE = 15  # runs, of recordings about as long, that a stage is judged by
_LOW, _HIGH = 0.1, 0.9  # quantiles: four jobs of five end between them
_WAITING = 1000  # jobs of the queue, from its head, whose ends are foretold
_FRESH = 2.0  # seconds for which a forecast of all jobs holds
_FRESH_FIGURES = 30.0  # seconds after which figures are read again
_PLANNED = {"recognise": "recognition", "diarize": "diarization"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds: as many as usual, and bounds between which four of five are."""

    low: float
    middle: float
    high: float

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.low + other.low, self.middle + other.middle, self.high + other.high)

    def __mul__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.low * other.low, self.middle * other.middle, self.high * other.high)


NOTHING = Estimate(0.0, 0.0, 0.0)


def exactly(value: float) -> Estimate:
    """What is known."""
    return Estimate(value, value, value)


@dataclass(frozen=True, slots=True)
class Expected:
    """When a job is expected to have ended, and the bounds between which four of five do."""

    end: datetime
    earliest: datetime
    latest: datetime


class Figures:
    """How long stages took on this machine; on all, for a stage that has hardly run here."""

    def __init__(self, newest: Sequence[StageFigure], machine: str = "") -> None:
        self._machine = machine or socket.gethostname()
        self._runs: dict[tuple[str, str], list[StageFigure]] = defaultdict(list)
        self._sounds: dict[str, list[float]] = defaultdict(list)
        for each in newest:
            self._runs[each.stage, _plan(each.stage, each.options)].append(each)
            if each.stage == TRANSCRIBE.names[0] and each.size_bytes:
                ratio = each.audio_seconds / each.size_bytes
                self._sounds[_kind(each.name)].append(ratio)

    def stage(self, name: str, options: Mapping[str, Any], duration: float) -> Estimate | None:
        """Seconds that a stage takes for a recording of *duration*; ``None`` if too little is
        known.

        The measure is what it took for a second of recordings about as long.
        """
        runs = self._runs[name, _plan(name, options)]
        here = [each for each in runs if each.machine == self._machine]
        alike = _about_as_long(here if len(here) >= LEAST else runs, duration)
        ratio = _estimate([each.seconds / each.audio_seconds for each in alike])
        return None if ratio is None else ratio * exactly(duration)

    def duration(self, name: str, size_bytes: int) -> Estimate | None:
        """Seconds of sound in a file, by others of its kind; ``None`` if too little is known."""
        ratio = _estimate(self._sounds[_kind(name)][: 4 * _ALIKE])
        return None if ratio is None else ratio * exactly(size_bytes)

    def left(
        self,
        pipeline: Pipeline[Any],
        options: Mapping[str, Any],
        duration: Estimate,
        shares: Mapping[str, float],
    ) -> Estimate | None:
        """Seconds until a job's last stage has ended; ``None`` if too little is known.

        Args:
            shares: how much of each stage that has begun is done, 0 to 1.
        """
        ends: dict[str, Estimate] = {}
        for stage in pipeline.stages:
            undone = 1.0 - shares.get(stage.name, 0.0)
            took = self.stage(stage.name, options, duration.middle) if undone else NOTHING
            if took is None:
                return None
            spread = _relative(duration)
            before = _latest(ends[name] for name in stage.reads.values())
            ends[stage.name] = before + took * spread * exactly(undone)
        return _latest(ends.values())

    def left_of(self, job: OpenJob, shares: Mapping[str, float]) -> Estimate | None:
        """Seconds of work that a job is; ``None`` if too little is known."""
        known = job.duration
        duration = exactly(known) if known else self.duration(job.name, job.size_bytes)
        if duration is None:
            return None
        return self.left(PIPELINES[job.pipeline], job.options, duration, shares)


class Forecasts:
    """Foretells the ends of all jobs at once, and again when that is no longer fresh."""

    def __init__(self, repository: FigureRepository, workers: Workers) -> None:
        self._repository = repository
        self._workers = workers
        self._lock = threading.Lock()
        self._figures = Figures(())
        self._read_at = -_FRESH_FIGURES
        self._ends: dict[str, Expected] = {}
        self._made_at = -_FRESH

    def of(self, job_id: str) -> Expected | None:
        """When a job is expected to have ended; ``None`` if nothing is known, or it has."""
        is_due = time.monotonic() - self._made_at >= _FRESH
        if is_due and self._lock.acquire(blocking=False):
            try:
                self._ends = self._foretold()
                self._made_at = time.monotonic()
            finally:
                self._lock.release()
        return self._ends.get(job_id)

    def _foretold(self) -> dict[str, Expected]:
        figures = self._newest_figures()
        now = datetime.now(UTC)
        running = self._repository.running()
        ends = {job.id: self._left(figures, job) for job in running}
        lines = _Lines(self._workers.places, ends.values())
        for job in self._repository.waiting(_WAITING):
            ends[job.id] = lines.end_of(figures.left_of(job, {}))
            if ends[job.id] is None:
                break
        return {job_id: _expected(now, left) for job_id, left in ends.items() if left}

    def _left(self, figures: Figures, job: OpenJob) -> Estimate | None:
        return figures.left_of(job, self._workers.shares(job.id) or job.shares)

    def _newest_figures(self) -> Figures:
        if time.monotonic() - self._read_at >= _FRESH_FIGURES:
            self._figures = Figures(self._repository.newest())
            self._read_at = time.monotonic()
        return self._figures


class _Lines:
    """Jobs that wait for a place: each begins when one is free.

    Args:
        places: jobs at a time; as many as run if there are more.
        running: seconds that those that run take.
    """

    def __init__(self, places: int, running: Iterable[Estimate | None]) -> None:
        known = [NOTHING if each is None else each for each in running]
        idle = [NOTHING] * max(places - len(known), 0 if known else 1)
        self._low = [each.low for each in (*known, *idle)]
        self._middle = [each.middle for each in (*known, *idle)]
        self._high = [each.high for each in (*known, *idle)]
        for free in (self._low, self._middle, self._high):
            heapq.heapify(free)

    def end_of(self, work: Estimate | None) -> Estimate | None:
        """When the next job, which is so much work, will have ended."""
        if work is None:
            return None
        ends = Estimate(
            self._low[0] + work.low, self._middle[0] + work.middle, self._high[0] + work.high
        )
        heapq.heapreplace(self._low, ends.low)
        heapq.heapreplace(self._middle, ends.middle)
        heapq.heapreplace(self._high, ends.high)
        return ends


def _expected(now: datetime, left: Estimate) -> Expected:
    ends = (now + timedelta(seconds=each) for each in (left.middle, left.low, left.high))
    return Expected(*ends)


def _plan(stage: str, options: Mapping[str, Any]) -> str:
    """The plan by which a stage works; empty for one that has none."""
    return str(options.get(_PLANNED.get(stage, ""), {}).get("plan", ""))


def _kind(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _about_as_long(runs: Sequence[StageFigure], duration: float) -> list[StageFigure]:
    """The runs for recordings whose length is nearest, the newer first of several."""

    def distance(run: StageFigure) -> float:
        return abs(math.log(run.audio_seconds / max(duration, 0.1)))

    return sorted(runs, key=distance)[:_ALIKE]


def _estimate(values: Sequence[float]) -> Estimate | None:
    """Median and quantiles; ``None`` if there are too few values."""
    if len(values) < LEAST:
        return None
    ranked = sorted(values)
    last = len(ranked) - 1
    return Estimate(
        low=ranked[math.floor(_LOW * last)],
        middle=median(ranked),
        high=ranked[math.ceil(_HIGH * last)],
    )


def _relative(estimate: Estimate) -> Estimate:
    """An estimate in parts of what is usual."""
    middle = max(estimate.middle, 1e-9)
    return Estimate(estimate.low / middle, 1.0, estimate.high / middle)


def _latest(estimates: Iterable[Estimate]) -> Estimate:
    latest = NOTHING
    for each in estimates:
        latest = Estimate(
            max(latest.low, each.low),
            max(latest.middle, each.middle),
            max(latest.high, each.high),
        )
    return latest
