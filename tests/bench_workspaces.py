"""Workspaces for ``trax bench``, which other processes make, too."""

import os
import signal
from pathlib import Path

from trax.testing.engine_server import scripted_workspace
from trax.work.workspace import Workspace


def noted(folder: Path) -> Workspace:
    """One with scripted engines; which process made it is noted in *folder*."""
    (folder / f"{os.getpid()}.made").touch()
    return scripted_workspace(folder)


def deadly(folder: Path, caller: int) -> Workspace:
    """Ends every process but the *caller*, as the system does where memory is full."""
    if os.getpid() != caller:
        os.kill(os.getpid(), signal.SIGKILL)
    return scripted_workspace(folder)


def faulty(folder: Path, caller: int) -> Workspace:
    """Raises what nobody foresaw, in every process but the *caller*."""
    if os.getpid() != caller:
        raise ValueError("unforeseen")
    return scripted_workspace(folder)
