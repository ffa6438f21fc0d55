"""Keeps programs running on this machine: what ends is started again."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

_LOOK = 0.5  # seconds between looks at the programs
_WAITS = (1.0, 5.0, 15.0, 60.0)  # seconds before a new start, by how often in a row it failed
_SOUND = 60.0  # seconds after which a program is taken to have started well
_PR_SET_PDEATHSIG = 1  # Linux: the signal that a process gets when its parent ends

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class Program:
    """A command to keep running.

    Attributes:
        name: for the log.
        command: the program and its arguments.
    """

    name: str
    command: Sequence[str]


def keep_running(programs: Sequence[Program], drain: float) -> None:
    """Run *programs* until SIGTERM or SIGINT; one that ends is started again.

    Args:
        drain: seconds that they get to end by themselves; a second signal is passed on at once.
    """
    over = threading.Event()
    keepers = [_Keeper(program) for program in programs]

    def stop(_number: int, _frame: FrameType | None) -> None:
        over.set()
        for keeper in keepers:
            keeper.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not over.wait(_LOOK):
        for keeper in keepers:
            keeper.look()
    _wait(keepers, drain)


def _wait(keepers: "Sequence[_Keeper]", drain: float) -> None:
    """Wait until everything has ended; after *drain* seconds, kill what has not."""
    deadline = time.monotonic() + drain
    while any(keeper.is_running() for keeper in keepers):
        if time.monotonic() > deadline:
            for keeper in keepers:
                keeper.kill()
        time.sleep(_LOOK)


class _Keeper:
    """One program, and when it is started again."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._failures = 0
        self._started_at = 0.0
        self._due_at = 0.0

    def look(self) -> None:
        """Start the program if it is due; take note if it has ended."""
        if self._process is None:
            if time.monotonic() >= self._due_at:
                self._start()
        elif (code := self._process.poll()) is not None:
            self._ended(code)

    def is_running(self) -> bool:
        """Whether it has a process."""
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()

    def _start(self) -> None:
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self._program.command,
            start_new_session=True,  # Ctrl-C is for the process that keeps it running
            preexec_fn=_ends_with_parent(),
        )
        _log.info("%s: process %d", self._program.name, self._process.pid)

    def _ended(self, code: int) -> None:
        self._process = None
        lasted = time.monotonic() - self._started_at
        self._failures = 0 if lasted > _SOUND else self._failures + 1
        wait = _WAITS[min(self._failures, len(_WAITS)) - 1] if self._failures else 0.0
        self._due_at = time.monotonic() + wait
        _log.warning("%s ended with %d; it starts again in %.0f s", self._program.name, code, wait)


def _ends_with_parent() -> Callable[[], None] | None:
    """What makes a new process end with its parent, however that ends; only Linux can do it."""
    if sys.platform != "linux":
        return None
    library, parent = ctypes.CDLL(None), os.getpid()

    def ask() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask
