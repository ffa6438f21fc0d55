"""Where Prefect keeps its history, where its flows and blocks lie, and what its failures mean."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from trax.errors import PrefectUnavailable, StoreUnavailable
from trax.proxies import reach_loopback_directly

# The edge reports what happens itself; a server's log still gets everything.
_ENVIRONMENT = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_FLOW_RUNS_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_TASK_RUNS_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}

SERVER_OF = "TRAX_TEMPORARY_SERVER_OF"
"""Environment variable that tells a temporary server which process it works for."""


def configure(home: Path) -> None:
    """Set what Prefect reads from the environment when it is imported; what the user has set stays.

    Raises:
        StoreUnavailable: the folder *home* cannot be made.
    """
    os.environ[SERVER_OF] = str(os.getpid())
    values = dict(_ENVIRONMENT)
    if not (Path.home() / ".prefect" / "profiles.toml").exists():
        values["PREFECT_HOME"] = str(home)
        _make(home)
    for name, value in values.items():
        os.environ.setdefault(name, value)
    reach_server()


def reach_server() -> None:
    """Let Prefect's clients reach a server on this machine without a proxy."""
    reach_loopback_directly(os.environ.get("PREFECT_API_URL", ""))


def rooms_folder(rooms: Path | None) -> Path:
    """The folder with ``flows/``, ``blocks/`` and ``deployments/``: *rooms*, or beside the
    library.
    """
    return rooms or Path(__file__).resolve().parents[2]


def make_importable(rooms: Path) -> None:
    """Let Python find the packages in the folder *rooms*."""
    if str(rooms) not in sys.path:
        sys.path.insert(0, str(rooms))


@contextmanager
def server_answers() -> Iterator[None]:
    """Turn failures to reach the Prefect server into `PrefectUnavailable`."""
    try:
        yield
    except (httpx.TransportError, RuntimeError) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> PrefectUnavailable:
    """The error that says that the Prefect server does not answer, with the reason."""
    reason = str(error) or type(error).__name__
    return PrefectUnavailable(f"the Prefect server does not answer ({reason})")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {folder}: {error.strerror}") from error
