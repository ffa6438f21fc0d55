"""What transcription cost: work of machines, and language models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trax.store import JobStatus
from trax.store.days import JobDay, StageDay
from trax.store.questions import Spent

_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What it cost, in seconds and US dollars.

    Attributes:
        cpu_seconds: for which stages worked on machines without a GPU, or without using it.
        gpu_seconds: for which stages worked on a GPU.
        machines: dollars for these seconds; 0 if no price is set.
        models: what each language model took for each task.
        audio_seconds: of the recordings that were done.
        jobs: that were done.
    """

    cpu_seconds: float
    gpu_seconds: float
    machines: float
    models: tuple[Spent, ...]
    audio_seconds: float
    jobs: int

    @property
    def total(self) -> float:
        """All dollars."""
        return self.machines + sum(each.cost for each in self.models)

    @property
    def an_audio_hour(self) -> float | None:
        """Dollars an hour of audio; ``None`` if nothing was done."""
        return self.total * _HOUR / self.audio_seconds if self.audio_seconds else None

    @property
    def a_job(self) -> float | None:
        """Dollars a job; ``None`` if none was done."""
        return self.total / self.jobs if self.jobs else None


def costs(
    stages: Iterable[StageDay],
    jobs: Iterable[JobDay],
    models: Sequence[Spent],
    machine_hour: float,
) -> Costs:
    """What a period cost; *machine_hour* is what an hour of a machine's work costs, in dollars."""
    seconds = {"cpu": 0.0, "gpu": 0.0}
    for day in stages:
        seconds[day.device] += day.seconds
    done = [day for day in jobs if day.status == JobStatus.COMPLETED]
    return Costs(
        cpu_seconds=seconds["cpu"],
        gpu_seconds=seconds["gpu"],
        machines=sum(seconds.values()) * machine_hour / _HOUR,
        models=tuple(models),
        audio_seconds=sum(day.audio_seconds for day in done),
        jobs=sum(day.jobs for day in done),
    )
