"""What a stage uses while it runs, and a word before it meets a limit."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from trax.hardware import (
    GpuUsage,
    Usage,
    available_memory,
    free_disk,
    gpu_usage,
    memory_taken,
    peak_device_memory,
    peak_memory,
    usage,
)
from trax.progress import Noted, Reporter, current_reporter

_log = logging.getLogger("trax")

_EVERY = 0.5  # seconds between two looks
_MEMORY_NEAR = 0.92  # share that is taken
_GPU_MEMORY_NEAR = 0.97
_DISK_NEAR = 1_000_000_000  # bytes that are left
_TIME_NEAR = 0.8  # share of what a stage may take


@dataclass(slots=True)
class Used:
    """What a stage has used since it began; of stages at the same time, an equal part each.

    Attributes:
        limit: seconds that the stage may take.
        folder: where it writes.
        warned: limits that it was warned of.
    """

    stage: str
    limit: float
    folder: Path
    reporter: Reporter
    began: float
    peak_before: int
    processor_seconds: float = 0.0
    gpu_busy_seconds: float = 0.0
    written_bytes: int = 0
    memory_bytes: int = 0
    device_memory_bytes: int = 0
    warned: set[str] = field(default_factory=set)

    @property
    def peak_memory_bytes(self) -> int:
        """The process's largest resident size meanwhile."""
        peak = peak_memory()
        return peak if peak > self.peak_before else self.memory_bytes

    @property
    def peak_device_memory_bytes(self) -> int:
        """The most that was held on a GPU, as torch has it or the driver."""
        return max(self.device_memory_bytes, peak_device_memory())


class Gauge:
    """Looks at this process now and then, while stages run in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[Used] = []
        self._idle = threading.Event()
        self._before = Usage(0.0, 0, 0)
        self._looked_at = 0.0

    @contextmanager
    def watched(self, stage: str, folder: Path, limit: float) -> Iterator[Used]:
        """What *stage* uses in the block. Before it meets a limit, that is noted once."""
        now = time.monotonic()
        used = Used(stage, limit, folder, current_reporter(), now, peak_memory())
        self._begin(used)
        try:
            yield used
        finally:
            self._end(used)

    def forget(self) -> None:
        """Begin anew in a forked process, whose threads stayed behind."""
        self.__init__()  # type: ignore[misc]

    def _begin(self, used: Used) -> None:
        with self._lock:
            self._look()
            self._running.append(used)
            used.memory_bytes = self._before.memory_bytes
            if len(self._running) == 1:
                self._idle = threading.Event()
                thread = threading.Thread(
                    target=self._keep_looking, args=(self._idle,), daemon=True, name="gauge"
                )
                thread.start()

    def _end(self, used: Used) -> None:
        with self._lock:
            try:
                self._look()
            finally:
                self._running.remove(used)
                if not self._running:
                    self._idle.set()

    def _keep_looking(self, idle: threading.Event) -> None:
        while not idle.wait(_EVERY):
            try:
                self._look_once()
            except Exception:  # noqa: BLE001 - the edge of a thread: it goes on looking
                _log.exception("what stages use could not be watched")

    def _look_once(self) -> None:
        with self._lock:
            self._look()
            warnings = [each for used in self._running for each in _warnings(used)]
        for reporter, warning in warnings:
            reporter(Noted(warning))

    def _look(self) -> None:
        """Share what was used since the last look among the stages that run."""
        now, found = time.monotonic(), usage()
        gpus = gpu_usage()
        for used in self._running:
            self._add(used, found, gpus, now - self._looked_at)
        self._before, self._looked_at = found, now

    def _add(self, used: Used, found: Usage, gpus: list[GpuUsage], seconds: float) -> None:
        part = 1 / len(self._running)
        worked = found.processor_seconds - self._before.processor_seconds
        used.processor_seconds += part * worked
        used.written_bytes += round(part * (found.written_bytes - self._before.written_bytes))
        used.gpu_busy_seconds += part * seconds * sum(gpu.busy for gpu in gpus)
        used.memory_bytes = max(used.memory_bytes, found.memory_bytes)
        own = max((gpu.own_bytes for gpu in gpus), default=0)
        used.device_memory_bytes = max(used.device_memory_bytes, own)


def _warnings(used: Used) -> Iterator[tuple[Reporter, str]]:
    """What a stage has not been warned of."""
    for limit, warning in _near(used):
        if limit not in used.warned:
            used.warned.add(limit)
            yield used.reporter, f"{used.stage} {warning}"


def _near(used: Used) -> Iterator[tuple[str, str]]:
    taken = memory_taken()
    if taken >= _MEMORY_NEAR:
        yield (
            "memory",
            f"nears the limit of memory: {taken:.0%} of {available_memory() / 1e9:.1f} GB is "
            "taken; run fewer jobs at once, or choose a smaller plan",
        )
    free = free_disk(used.folder)
    if free < _DISK_NEAR:
        yield (
            "disk",
            f"nears a full disk: {free / 1e9:.1f} GB is free where results are made; delete "
            "something there",
        )
    full = max((gpu.taken for gpu in gpu_usage()), default=0.0)
    if full >= _GPU_MEMORY_NEAR:
        yield (
            "GPU",
            f"nears the limit of the GPU's memory: {full:.0%} is taken; let fewer jobs use it at "
            "once",
        )
    if time.monotonic() - used.began >= _TIME_NEAR * used.limit:
        yield (
            "time",
            f"has taken {_TIME_NEAR:.0%} of the {used.limit:.0f} s that it may take, and is "
            "stopped at its next step then; choose a smaller plan, or raise the limit",
        )


gauge = Gauge()
"""This process's."""

os.register_at_fork(after_in_child=gauge.forget)
