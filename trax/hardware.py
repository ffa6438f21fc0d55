"""What the machine has, and how much of it this process takes."""

import os
import resource
import sys
import threading
from pathlib import Path

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
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdecimal() else machine


def available_processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
