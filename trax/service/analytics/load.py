"""What jobs at work made of a machine."""

import socket
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from trax.gpus import gpu_usage
from trax.hardware import available_memory, available_processors
from trax.settings import Settings
from trax.store.advice import DoneJob, Run

_ENOUGH = 5  # runs before a pace counts
_ASKING = ("enhance", "annotate")  # stages that wait for a language model

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine. ``threads`` are those of a model; ``store`` tells one store from another."""

    name: str
    processors: int
    memory_bytes: int
    gpus: int
    threads: int
    store: str

    @classmethod
    def this(cls, settings: Settings) -> "Host":
        """This machine."""
        return cls(
            name=socket.gethostname(),
            processors=available_processors(),
            memory_bytes=available_memory(),
            gpus=len(gpu_usage()),
            threads=settings.chosen_threads,
            store=settings.store_identity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What jobs made of a machine, while any was at work.

    Attributes:
        seconds: for which at least one job was at work.
        waited: share of them, 0 to 1, in which another waited.
        at_once: the most jobs at work at a time.
        stages_at_once: the most runs at a time of the heaviest stage.
        rate: seconds of audio a second.
        processors: that were busy on average.
        gpus: likewise.
        seat_share: share of the jobs' time in which no stage ran.
        store_share: share in which a stage ran, but neither processor, GPU nor language model.
        peak_memory_bytes: of a process that ran a stage.
        heaviest: the stage that took most of the processors, or of the GPU where it is the busier.
        heavy_share: its part of their work.
        plan: of most jobs.
        device: of most runs of the heaviest stage.
        paces: its seconds a second of audio, by plan and device, as half of the runs had it.
    """

    jobs: int
    seconds: float
    waited: float
    at_once: int
    stages_at_once: int
    rate: float
    processors: float
    gpus: float
    seat_share: float
    store_share: float
    peak_memory_bytes: int
    heaviest: str
    heavy_share: float
    plan: str
    device: str
    paces: dict[tuple[str, str], float]


def load(jobs: Sequence[DoneJob]) -> Load | None:
    """What *jobs* made of their machine; ``None`` if figures do not say."""
    runs = [run for job in jobs for run in job.runs]
    worked = [run for run in runs if run.worked]
    at_work = [(job.started, job.finished) for job in jobs]
    seconds, at_once = _overlap(at_work)
    took = sum(_length(span) for span in at_work)
    processor_seconds = sum(run.processor_seconds for run in worked)
    gpu_seconds = sum(run.gpu_busy_seconds for run in worked)
    if not seconds or not processor_seconds:
        return None
    name, share = _heaviest(worked, gpu_seconds > processor_seconds)
    heavy = [run for run in worked if run.stage == name]
    stages_at_once = _overlap(_span(run) for run in heavy)[1]
    return Load(
        jobs=len(jobs),
        seconds=seconds,
        waited=_waited(jobs, at_work, seconds),
        at_once=at_once,
        stages_at_once=stages_at_once,
        rate=sum(job.audio_seconds for job in jobs) / seconds,
        processors=processor_seconds / seconds,
        gpus=gpu_seconds / seconds,
        seat_share=max(took - sum(run.seconds for run in runs), 0.0) / took,
        store_share=sum(map(_idle, worked)) / took,
        peak_memory_bytes=max(run.peak_memory_bytes for run in worked),
        heaviest=name,
        heavy_share=share,
        plan=Counter(job.plan for job in jobs).most_common(1)[0][0],
        device=Counter(run.device for run in heavy).most_common(1)[0][0],
        paces=_paces(jobs, name),
    )


def _length(span: Span) -> float:
    return (span[1] - span[0]).total_seconds()


def _span(run: Run) -> Span:
    return run.began, run.began + timedelta(seconds=run.seconds)


def _overlap(spans: Iterable[Span]) -> tuple[float, int]:
    """Seconds in which there is at least one, and the most at a time."""
    steps = []
    for start, end in spans:
        steps += [(start, 1), (end, -1)]
    seconds, open_now, most = 0.0, 0, 0
    before = None
    for at, step in sorted(steps):
        if open_now and before is not None:
            seconds += (at - before).total_seconds()
        open_now += step
        most = max(most, open_now)
        before = at
    return seconds, most


def _waited(jobs: Sequence[DoneJob], at_work: Sequence[Span], seconds: float) -> float:
    """The share of *seconds* at work in which a job waited: what both have in common."""
    waiting = [(job.created, job.started) for job in jobs]
    either, _most = _overlap([*waiting, *at_work])
    return (_overlap(waiting)[0] + seconds - either) / seconds


def _heaviest(runs: Sequence[Run], on_gpu: bool) -> tuple[str, float]:
    work: dict[str, float] = defaultdict(float)
    for run in runs:
        work[run.stage] += run.gpu_busy_seconds if on_gpu else run.processor_seconds
    name = max(work, key=lambda each: work[each])
    return name, work[name] / sum(work.values())


def _idle(run: Run) -> float:
    if run.stage in _ASKING:
        return 0.0
    return max(run.seconds - run.processor_seconds - run.gpu_busy_seconds, 0.0)


def _paces(jobs: Sequence[DoneJob], stage: str) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for job in jobs:
        for run in job.runs:
            if run.stage == stage and run.worked and run.audio_seconds:
                found[job.plan, run.device].append(run.seconds / run.audio_seconds)
    return {key: median(values) for key, values in found.items() if len(values) >= _ENOUGH}
