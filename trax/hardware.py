"""What the machine has, and how much of it this process takes."""

import os
import resource
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CGROUP = Path("/sys/fs/cgroup")
_NICE = 10  # of work that nobody waits for by the second; a tenth of the share of other work


def give_way() -> None:
    """Have this thread, and those that it starts, take what processor time others leave.

    Only Linux knows that of a single thread; elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    now = os.getpriority(os.PRIO_PROCESS, thread)
    os.setpriority(os.PRIO_PROCESS, thread, max(now, _NICE))


def peak_memory() -> int:
    """The process's largest resident size so far, in bytes.

    Linux' own figure of this program is taken where there is one: that of ``getrusage`` (POSIX)
    begins with what the process that started this one had taken.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def peak_device_memory() -> int:
    """The most bytes that torch held on the GPU so far; 0 where it holds none, or another thread
    still imports it.
    """
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if not all(
        hasattr(cuda, name) for name in ("is_available", "is_initialized", "max_memory_allocated")
    ):
        return 0
    return (
        int(cuda.max_memory_allocated())
        if cuda and cuda.is_available() and cuda.is_initialized()
        else 0
    )


def cuda_device_count() -> int:
    """The number of CUDA devices that this process sees."""
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def compute_types(device: str) -> set[str]:
    """The kinds of arithmetic, by CTranslate2's names, that *device* supports."""
    import ctranslate2

    return set(ctranslate2.get_supported_compute_types(device))


def device_memory() -> int:
    """Bytes of memory on the current CUDA device."""
    import torch

    return int(torch.cuda.mem_get_info()[1])


def available_memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its container's where that is
    less (cgroup 2).
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdecimal() else machine


def available_processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What this process, and processes that it started and that have ended, used so far.

    Attributes:
        memory_bytes: resident now.
        written_bytes: to disks; 0 where the system does not say.
    """

    processor_seconds: float
    memory_bytes: int
    written_bytes: int


def usage() -> Usage:
    """What this process used so far."""
    import psutil

    process = _this_process(os.getpid())
    written = 0
    # psutil's own errors are none of the system's; a hardened host may say nothing at all.
    with suppress(psutil.Error, AttributeError, OSError, RuntimeError, ValueError):
        written = process.io_counters().write_bytes
    children = os.times()
    worked = time.process_time() + children.children_user + children.children_system
    return Usage(worked, process.memory_info().rss, written)


def memory_taken() -> float:
    """The share, 0 to 1, of the memory that this process may use that is taken, by whomever.

    It is the container's (cgroup 2) where that is fuller than the machine. What the system keeps
    only to read it faster counts as free.
    """
    import psutil

    machine = psutil.virtual_memory()
    taken = 1.0 - float(machine.available / machine.total)
    with suppress(OSError, ValueError):
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        taken = max(taken, (used - _inactive_file_bytes()) / limit)
    return taken


def free_disk(folder: Path) -> int:
    """Bytes that are free where *folder* lies, or will when it is made."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class GpuUsage:
    """How much is made of a GPU, by whomever.

    Attributes:
        busy: share of the time, 0 to 1, for which it worked lately.
        taken: share of its memory.
        own_bytes: of its memory that this process holds; 0 if unknown.
    """

    busy: float
    taken: float
    own_bytes: int


def gpu_usage() -> list[GpuUsage]:
    """How much is made of each NVIDIA GPU that this process sees."""
    return [_gpu_usage(handle) for handle in _gpus()]


@lru_cache(maxsize=1)
def _this_process(number: int) -> Any:
    import psutil

    return psutil.Process(number)


def _inactive_file_bytes() -> int:
    for line in (_CGROUP / "memory.stat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name == "inactive_file":
            return int(value)
    return 0


@lru_cache(maxsize=1)
def _gpus() -> tuple[Any, ...]:
    """NVML's handles; none where there is no driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
        return tuple(_visible_gpus())
    except pynvml.NVMLError:
        return ()


def _visible_gpus() -> Iterator[Any]:
    import pynvml

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        yield from map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return
    for name in filter(None, visible.split(",")):
        if name.isdecimal():
            yield pynvml.nvmlDeviceGetHandleByIndex(int(name))
        else:
            yield pynvml.nvmlDeviceGetHandleByUUID(name)


def _gpu_usage(handle: Any) -> GpuUsage:
    import pynvml

    try:
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        busy = pynvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
        processes = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
    except pynvml.NVMLError:  # a virtual GPU says less
        return GpuUsage(0.0, 0.0, 0)
    own = [each.usedGpuMemory or 0 for each in processes if each.pid == os.getpid()]
    return GpuUsage(busy, memory.used / memory.total, sum(own))
