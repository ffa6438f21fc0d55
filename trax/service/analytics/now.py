"""How things stand now: the machine, its GPUs and engines, jobs at work, and those that wait."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trax.gpus import GpuUsage, gpu_usage
from trax.hardware import available_processors, free_disk, memory_taken
from trax.host import EngineClient
from trax.service.forecast import Estimate, Figures
from trax.settings import Settings
from trax.store import Database, JobQueue, JobStatus
from trax.store.figures import FigureRepository, OpenJob

_FRESH = 60.0  # seconds for which figures of past jobs hold
_WAITING = 20  # jobs of the queue that are listed, from its head


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine that answers.

    Attributes:
        load: processes that ran at a time in the last minute, on average.
        memory: share that is taken, 0 to 1.
        free_disk_bytes: where data are kept; 0 if that disk is gone.
        gpus: what is made of each.
    """

    name: str
    processors: int
    load: float
    memory: float
    free_disk_bytes: int
    gpus: tuple[GpuUsage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A process of this machine that keeps models loaded.

    Attributes:
        running: stages at work, by job and stage: each has a seat.
        waiting: stages that wait for a seat.
    """

    device: str
    state: str
    running: tuple[str, ...]
    waiting: int
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """A job that is not done.

    Attributes:
        stages: how much of each that has begun is done, 0 to 1.
        started_at: ``None`` while it waits.
        left: seconds of work that are left, as usual; ``None`` if nobody can say.
        left_at_most: likewise, as in nine of ten jobs.
    """

    id: str
    name: str
    pipeline: str
    stages: dict[str, float]
    started_at: datetime | None
    left: float | None
    left_at_most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How things stand.

    Attributes:
        waiting: the jobs at the head of the queue, in its order.
        queued: how many wait in all.
        longest_wait: seconds that the first has waited.
    """

    at: datetime
    machine: Machine
    engines: tuple[Engine, ...]
    running: tuple[OpenWork, ...]
    waiting: tuple[OpenWork, ...]
    queued: int
    longest_wait: float


class Watcher:
    """Looks at how things stand, again and again, for many; what takes long to read is read once a
    minute.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._settings = settings
        self._queue = JobQueue(database)
        self._repository = FigureRepository(database)
        self._lock = threading.Lock()
        self._figures = Figures(())
        self._read_at = -_FRESH

    def look(self) -> Now:
        """How things stand now."""
        self._read_figures()
        return Now(
            at=datetime.now(UTC),
            machine=_machine(self._settings.home),
            engines=tuple(_engines(self._settings)),
            running=tuple(map(self._open, self._repository.running())),
            waiting=tuple(map(self._open, self._repository.waiting(_WAITING))),
            queued=self._queue.counts().get(JobStatus.QUEUED, 0),
            longest_wait=self._queue.longest_wait(),
        )

    def _read_figures(self) -> None:
        with self._lock:
            if time.monotonic() - self._read_at >= _FRESH:
                self._figures = Figures(self._repository.newest())
                self._read_at = time.monotonic()

    def _open(self, job: OpenJob) -> OpenWork:
        left: Estimate | None = self._figures.left_of(job, job.shares)
        return OpenWork(
            id=job.id,
            name=job.name,
            pipeline=job.pipeline,
            stages=job.shares,
            started_at=job.started_at,
            left=left.middle if left else None,
            left_at_most=left.high if left else None,
        )


def _machine(folder: Path) -> Machine:
    return Machine(
        name=socket.gethostname(),
        processors=available_processors(),
        load=os.getloadavg()[0],
        memory=memory_taken(),
        free_disk_bytes=_free_disk(folder),
        gpus=tuple(gpu_usage()),
    )


def _free_disk(folder: Path) -> int:
    try:
        return free_disk(folder)
    except OSError:
        return 0


def _engines(settings: Settings) -> Iterator[Engine]:
    for status in EngineClient(settings.sockets, settings.store_identity).statuses():
        yield Engine(
            device=status.device,
            state=status.state,
            running=status.running,
            waiting=status.waiting,
            models=tuple(sorted(status.loaded)),
        )
