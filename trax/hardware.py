"""What the machine has, and how much of it this process takes."""

import os
import resource
import shutil
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from trax.cgroups import memory_limits

_STATUS = Path("/proc/self/status")
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
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def peak_device_memory() -> int:
    """The most bytes that torch held on the GPU so far; 0 where it holds none, another thread still
    imports it, or the GPU is lost.
    """
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    with suppress(AttributeError, RuntimeError):
        if cuda and cuda.is_available() and cuda.is_initialized():
            return int(cuda.max_memory_allocated())
    return 0


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
    less.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *(each.limit_bytes for each in memory_limits())])


def available_processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What this process, and processes that it started and that have ended, used so far.

    Attributes:
        memory_bytes: resident now; 0 where the system does not say.
        written_bytes: to disks; ``None`` where the system does not say.
    """

    processor_seconds: float
    memory_bytes: int
    written_bytes: int | None


def usage() -> Usage:
    """What this process used so far."""
    import psutil

    memory, written = 0, None
    # psutil's own errors are none of the system's; a hardened host may say nothing at all.
    unsaid = (psutil.Error, AttributeError, OSError, RuntimeError, ValueError)
    with suppress(*unsaid):
        memory = _this_process(os.getpid()).memory_info().rss
    with suppress(*unsaid):
        written = _this_process(os.getpid()).io_counters().write_bytes
    children = os.times()
    worked = time.process_time() + children.children_user + children.children_system
    return Usage(worked, memory, written)


def memory_taken() -> float:
    """The share, 0 to 1, of the memory that this process may use that is taken, by whomever.

    It is the container's where that is fuller than the machine. What the system keeps only to read
    it faster counts as free.
    """
    import psutil

    machine = psutil.virtual_memory()
    shares = [each.taken_bytes / each.limit_bytes for each in memory_limits()]
    return max([1.0 - float(machine.available / machine.total), *shares])


def free_disk(folder: Path) -> int:
    """Bytes that are free where *folder* lies, or will when it is made.

    Raises:
        OSError: nobody can say: its disk is gone.
    """
    while folder != folder.parent and not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


@lru_cache(maxsize=1)
def _this_process(number: int) -> Any:
    import psutil

    return psutil.Process(number)
