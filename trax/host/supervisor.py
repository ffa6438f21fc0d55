"""Keeps one engine process a device alive."""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from trax.errors import InvalidOption, SetupError
from trax.host.client import ENDS, answers
from trax.host.ends import Cause, count_memory_kills, note_end, told_by_code
from trax.host.pulse import Pulse

_LONGEST_PATH = 100  # bytes that the system takes as a socket's path, a few less
_BACKLOG = 256  # connections that wait while an engine is started again
_LOOK = 0.2
_WAITS = (
    0.2,
    1.0,
    5.0,
    15.0,
)  # seconds before a process that ended is started again, by how often in a row
HUNG = 60.0
"""Seconds without a sign of life after which a process is taken to hang."""

_PROBE = 5.0  # seconds between questions whether a process is well, and that an answer may take
_WELL = 30.0  # seconds more than its work may take that a process has to end

_log = logging.getLogger("trax")

Command = Callable[[str, int], Sequence[str]]
"""The command line of the engine process of a device, given its name and the file descriptor of its
socket.
"""


def device_names() -> list[str]:
    """The devices of this machine: ``cuda-0``, ``cuda-1``…, or ``cpu`` where there is none."""
    import ctranslate2

    return [f"cuda-{number}" for number in range(ctranslate2.get_cuda_device_count())] or ["cpu"]


def device_environment(device: str) -> dict[str, str]:
    """What tells an engine process which device it has; GPUs are numbered as `nvidia-smi` does,
    unless the environment says otherwise.
    """
    kind, _, number = device.partition("-")
    found = {"TRAX_DEVICE": kind, "TRAX_ENGINE": "off"}
    if number:
        found["CUDA_VISIBLE_DEVICES"] = number
        found["CUDA_DEVICE_ORDER"] = os.environ.get("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    return found


class Supervisor:
    """Starts an engine process a device, and starts it again when it ends, hangs, or is to begin
    anew.

    The sockets are the supervisor's: whoever asks while a process is started again waits, and is
    answered by the next.

    Args:
        folder: for the sockets.
        drain: seconds that work which has begun may take to its end.
        hung: seconds without a sign of life after which a process is killed.

    Raises:
        SetupError: another supervisor serves one of the devices.
        InvalidOption: the folder's path is longer than a socket's may be.
    """

    def __init__(
        self,
        folder: Path,
        devices: Sequence[str],
        command: Command,
        drain: float = 300.0,
        hung: float = HUNG,
    ) -> None:
        self._drain = drain
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._keepers = [_Keeper(folder / f"{device}.sock", command, hung) for device in devices]
        self._threads = [
            threading.Thread(target=keeper.keep, daemon=True) for keeper in self._keepers
        ]

    def run(self) -> None:
        """Keep them alive until SIGTERM or SIGINT; SIGHUP starts each again once what has begun is
        done.
        """
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: over.set())
        signal.signal(signal.SIGHUP, lambda _number, _frame: self.restart())
        self.start()
        while not over.wait(_LOOK) and any(thread.is_alive() for thread in self._threads):
            pass
        self.end()

    def start(self) -> None:
        """Start them, and look after them in threads until `end`."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Take no more work, and end them once what has begun is done."""
        for keeper in self._keepers:
            keeper.end()
        for thread in self._threads:
            thread.join(self._drain + _WELL)

    def restart(self) -> None:
        """Start every process again once what has begun there is done; nobody is turned away
        meanwhile.
        """
        for keeper in self._keepers:
            keeper.restart()


class _Keeper:
    """One device's socket, and the process that answers on it."""

    def __init__(self, path: Path, command: Command, hung: float) -> None:
        self._path, self._command, self._device = path, command, path.stem
        self._hung = hung
        self._lock_file = _locked(path.with_suffix(".lock"))
        self._listener = _bound(path)
        self._over, self._lock = threading.Event(), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start the process, again and again, until the end is asked for or it never comes to
        answer.
        """
        failures = 0
        while not self._over.is_set() and failures <= len(_WAITS):
            self._start()
            code, answered = self._watched()
            failures = 0 if answered or code == 0 else failures + 1
            if not self._over.is_set() and code != 0:
                _log.warning("the engine %s ended with %s; it is started again", self._device, code)
                self._over.wait(_WAITS[min(failures, len(_WAITS)) - 1] if failures else 0.0)
        if not self._over.is_set():
            _log.error("the engine %s does not start; jobs load models themselves", self._device)
        self._close()

    def end(self) -> None:
        """Take no more work, and end when what has begun is done."""
        self._over.set()
        self._close()
        self.restart()

    def restart(self) -> None:
        """Let the process end when what has begun is done; the next one goes on with what waits."""
        with self._lock:
            if self._process is not None:
                self._process.terminate()

    def _start(self) -> None:
        with self._lock:
            if not self._over.is_set():
                number = self._listener.fileno()
                self._process = subprocess.Popen(
                    list(self._command(self._device, number)),
                    env=os.environ | device_environment(self._device),
                    pass_fds=[number],
                    start_new_session=True,  # Ctrl-C is for the supervisor
                )

    def _watched(self) -> tuple[int, bool]:
        """Wait until the process ends, and give its exit code, and whether it ever answered."""
        process = self._process
        if process is None:
            return 0, False
        watch = _Watch(self._path, process)
        while process.poll() is None:
            if watch.is_stuck(self._hung) and not self._over.is_set():
                _log.warning("the engine %s hangs; it is killed", self._device)
                watch.kill()
            time.sleep(_LOOK)
        with suppress(OSError):  # a full disk: who lost the process will not know why
            note_end(self._path.with_suffix(ENDS), process.pid, watch.cause())
        return process.returncode, watch.answered

    def _close(self) -> None:
        self._path.unlink(missing_ok=True)
        self._listener.close()
        if self._lock_file >= 0:
            os.close(self._lock_file)
            self._lock_file = -1


class _Watch:
    """Looks after one process.

    Attributes:
        answered: whether it ever did.
    """

    def __init__(self, path: Path, process: subprocess.Popen[bytes]) -> None:
        self.answered = False
        self._pulse = Pulse(process.pid)
        self._path = path
        self._process = process
        self._asked_at = 0.0
        self._killed = False
        self._memory_kills = count_memory_kills()

    def is_stuck(self, hung: float) -> bool:
        """Whether the process shows no sign of life for *hung* seconds, and does not answer."""
        if not self.answered or time.monotonic() - self._asked_at > _PROBE:
            self._ask()
        self._pulse.look()
        return self._pulse.is_stuck(hung) and not self._ask()

    def kill(self) -> None:
        """End the process at once."""
        self._killed = True
        self._process.kill()
        self._process.wait()

    def _ask(self) -> bool:
        heard = answers(self._path, _PROBE, lambda: self._process.poll() is None)
        self._asked_at = time.monotonic()
        if heard:
            self._pulse.heard()
            self.answered = True
        return heard

    def cause(self) -> Cause:
        """Why it ended."""
        if self._killed:
            return "stuck"
        return told_by_code(self._process.returncode, self._new_memory_kills())

    def _new_memory_kills(self) -> int | None:
        now = count_memory_kills()
        if now is None or self._memory_kills is None:
            return None
        return now - self._memory_kills


def _locked(path: Path) -> int:
    """The descriptor of a lock on *path*, which the system takes back when this process ends,
    however it ends.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SetupError(f"an engine serves {path.stem} already") from error
    return descriptor


def _bound(path: Path) -> socket.socket:
    """A socket at *path* that listens, for this user alone."""
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise InvalidOption(
            f"{path} is too long for a socket; choose a shorter folder for engine sockets"
        )
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(_BACKLOG)
    return listener
