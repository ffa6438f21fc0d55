"""A Prefect server for this process, where the user has none: it keeps the history, and ends
with the process.
"""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from trax.errors import PrefectUnavailable
from trax.orchestration.environment import API, EPHEMERAL, reach_server

_PATIENCE = 120.0  # seconds that it may take to start
_LOOK = 0.05
_GRACE = 5.0  # seconds that it has to end in good order

# A server of one run needs no pages, schedules, automations or reports of itself.
_SETTINGS = {
    EPHEMERAL: "1",
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
}

_lock = threading.Lock()


class TemporaryServer:
    """The server, from its start; `wait` returns once it answers.

    Args:
        log: file for what it prints.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        port = _free_port()
        self._url = f"http://127.0.0.1:{port}/api"
        program = [sys.executable, "-m", "uvicorn", "--factory"]
        application = "prefect.server.api.server:create_app"
        options = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [*program, application, *options],
                env=os.environ | _SETTINGS,
                stdout=file,
                stderr=file,
            )
        atexit.register(self._stop)
        os.environ[API] = self._url
        reach_server()

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            PrefectUnavailable: it does not start.
        """
        with _lock:
            deadline = time.monotonic() + _PATIENCE
            while not self._answers():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise PrefectUnavailable(f"no Prefect server starts; {self._log} says why")
                time.sleep(_LOOK)

    def _answers(self) -> bool:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self._url}/health", timeout=_GRACE) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
