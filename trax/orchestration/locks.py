"""Locks that say whether a run has a process on this machine."""

import fcntl
import os
from pathlib import Path


def is_free(lock: Path, *, keep: bool = False) -> bool:
    """Whether no process of this machine holds *lock*.

    Args:
        keep: take it, until this process ends.
    """
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    if not keep:
        os.close(descriptor)
    return True
