"""How engine processes ended, as their supervisor noted it for whoever worked there."""

import json
import os
import signal
from pathlib import Path
from typing import Literal, get_args

Cause = Literal["asked", "stuck", "killed", "memory", "crashed"]
"""Why a process ended: it was told to; it hung and was killed; somebody else killed it; it ran out
of memory, or may have; it went down by itself.
"""

_KEPT = 20  # ends in the file of a device
_VMSTAT = Path("/proc/vmstat")


def note_end(path: Path, process: int, cause: Cause) -> None:
    """Write down why *process* ended, in the file at *path*."""
    ends = [*_read(path), (process, cause)][-_KEPT:]
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(ends), encoding="utf-8")
    partial.replace(path)


def cause_of(path: Path, process: int) -> Cause | None:
    """Why *process* ended, by the file at *path*; ``None`` if it does not say."""
    known = dict(_read(path))
    return known.get(process)


def told_by_code(code: int, memory_kills: int | None) -> Cause:
    """Why a process that nobody of ours killed ended with *code*.

    Args:
        memory_kills: how often the system killed for want of memory meanwhile; ``None``: unknown.
    """
    if code in (0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP):
        return "asked"
    if code == -signal.SIGKILL:
        return "killed" if memory_kills == 0 else "memory"
    return "crashed"


def count_memory_kills() -> int | None:
    """How often this machine's system killed a process for want of memory; ``None``: unknown."""
    try:
        lines = _VMSTAT.read_text().splitlines()
    except OSError:
        return None
    found = (line.split()[1] for line in lines if line.startswith("oom_kill "))
    return next((int(count) for count in found), None)


def _read(path: Path) -> list[tuple[int, Cause]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [(process, cause) for process, cause in found if cause in get_args(Cause)]
