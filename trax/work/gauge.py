"""What a stage uses while it runs, and a word before it meets a limit."""

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from trax.gpus import GpuUsage, gpu_usage
from trax.hardware import (
    Usage,
    available_memory,
    free_disk,
    memory_taken,
    peak_device_memory,
    peak_memory,
    usage,
)
from trax.progress import Noted, Reporter, current_reporter

_log = logging.getLogger("trax")

_EVERY = 0.5  # seconds between two looks
_PATIENCE = 1.0  # seconds that the end of a stage waits for the driver of GPUs, at most
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
    """Looks at this process now and then, while stages run in it.

    A thread asks what may hang, drivers of GPUs and disks: no stage waits long for them. What
    cannot be known is left out.
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running: list[Used] = []
        self._thread: threading.Thread | None = None
        self._before: Usage | None = None
        self._has_gpus = True  # unless a look says otherwise
        self._asked = self._answered = 0
        self._is_stuck = self._has_complained = False

    @contextmanager
    def watched(self, stage: str, folder: Path, limit: float) -> Iterator[Used]:
        """What *stage* uses in the block. Before it meets a limit, that is noted once."""
        now = time.monotonic()
        used = Used(stage, limit, folder, current_reporter(), now, peak_memory())
        with self._change:
            self._share()
            self._running.append(used)
            used.memory_bytes = self._before.memory_bytes if self._before else 0
            self._start()
        try:
            yield used
        finally:
            self._end(used)

    def forget(self) -> None:
        """Begin anew in a forked process, whose threads stayed behind."""
        self.__init__()  # type: ignore[misc]

    def _end(self, used: Used) -> None:
        with self._change:
            try:
                self._share()
                self._wait_for_gpus()
            finally:  # whoever waits may be interrupted
                self._running.remove(used)
                self._change.notify_all()

    def _start(self) -> None:
        """Start the thread, unless it still looks; without one, there are fewer figures."""
        if self._thread is not None:
            return
        thread = threading.Thread(target=self._keep_looking, daemon=True, name="gauge")
        try:
            thread.start()
        except RuntimeError as error:  # the system has none left
            _log.warning("what stages use cannot be watched: %s", error)
            return
        self._thread = thread

    def _share(self) -> None:
        """Share what the process used since the last look among the stages that run."""
        found, before = usage(), self._before
        self._before = found
        if before is None:
            return
        part = 1 / max(len(self._running), 1)
        for used in self._running:
            used.processor_seconds += part * (found.processor_seconds - before.processor_seconds)
            used.memory_bytes = max(used.memory_bytes, found.memory_bytes)
            if found.written_bytes is not None and before.written_bytes is not None:
                used.written_bytes += round(part * (found.written_bytes - before.written_bytes))

    def _share_gpus(self, gpus: Sequence[GpuUsage], seconds: float) -> None:
        part = 1 / max(len(self._running), 1)
        own = max((gpu.own_bytes for gpu in gpus), default=0)
        now = time.monotonic()
        for used in self._running:
            since = min(seconds, now - used.began)
            used.gpu_busy_seconds += part * since * sum(gpu.busy for gpu in gpus)
            used.device_memory_bytes = max(used.device_memory_bytes, own)

    def _wait_for_gpus(self) -> None:
        """Have the thread look once more; a stage may be shorter than the time between looks."""
        if not self._has_gpus or self._is_stuck or self._thread is None:
            return
        self._asked += 1
        number = self._asked
        self._change.notify_all()
        if not self._change.wait_for(lambda: self._answered >= number, _PATIENCE):
            self._is_stuck = True

    def _keep_looking(self) -> None:
        looked_at = time.monotonic()
        while True:
            now = time.monotonic()
            try:
                self._look(now - looked_at)
            except Exception:  # noqa: BLE001 - the edge of a thread: it goes on looking
                self._complain()
            looked_at = now
            with self._change:
                self._change.wait_for(self._is_called, _EVERY)
                if not self._running:
                    self._thread = None
                    return

    def _is_called(self) -> bool:
        return not self._running or self._answered < self._asked

    def _complain(self) -> None:
        """Log that a look failed: once, not twice a second. Nobody waits for it any more."""
        with self._change:
            self._answered = self._asked
            self._change.notify_all()
        if not self._has_complained:
            self._has_complained = True
            _log.exception("what stages use could not be watched")

    def _look(self, seconds: float) -> None:
        """Look once, *seconds* after the look before."""
        with self._change:
            asked = self._asked
        gpus = gpu_usage()
        with self._change:
            self._share()
            self._share_gpus(gpus, seconds)
            self._has_gpus = bool(gpus)
            self._answered, self._is_stuck = asked, False
            self._change.notify_all()
            running = list(self._running)
        for used in running:
            for warning in _warnings(used, gpus):
                used.reporter(Noted(warning))


def _warnings(used: Used, gpus: Sequence[GpuUsage]) -> Iterator[str]:
    """What a stage has not been warned of."""
    for limit, warning in _near(used, gpus):
        if limit not in used.warned:
            used.warned.add(limit)
            yield f"{used.stage} {warning}"


def _near(used: Used, gpus: Sequence[GpuUsage]) -> Iterator[tuple[str, str]]:
    if time.monotonic() - used.began >= _TIME_NEAR * used.limit:
        yield (
            "time",
            f"has taken {_TIME_NEAR:.0%} of the {used.limit:.0f} s that it may take, and is "
            "stopped at its next step then; choose a smaller plan, or raise the limit",
        )
    taken = memory_taken()
    if taken >= _MEMORY_NEAR:
        yield (
            "memory",
            f"nears the limit of memory: {taken:.0%} of {available_memory() / 1e9:.1f} GB is "
            "taken; run fewer jobs at once, or choose a smaller plan",
        )
    full = max((gpu.taken for gpu in gpus), default=0.0)
    if full >= _GPU_MEMORY_NEAR:
        yield (
            "GPU",
            f"nears the limit of the GPU's memory: {full:.0%} is taken; let fewer jobs use it at "
            "once",
        )
    yield from _near_disk(used.folder)


def _near_disk(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        free = free_disk(folder)
    except OSError:
        yield "disk", "cannot reach the disk where results are made; look whether it is there"
        return
    if free < _DISK_NEAR:
        yield (
            "disk",
            f"nears a full disk: {free / 1e9:.1f} GB is free where results are made; delete "
            "something there",
        )


gauge = Gauge()
"""This process's."""

os.register_at_fork(after_in_child=gauge.forget)
