"""How much memory this process has taken."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


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
