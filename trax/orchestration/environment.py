"""Where Prefect keeps its history, where its flows and blocks lie, and what its failures mean."""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from trax.errors import InvalidOption, PrefectUnavailable, StoreUnavailable
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

API = "PREFECT_API_URL"
"""Environment variable that names the user's Prefect server."""

EPHEMERAL = "PREFECT__SERVER_EPHEMERAL"
"""Environment variable of a temporary server."""

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
    reach_loopback_directly(os.environ.get(API, ""))


def server_url(home: Path) -> str:
    """The API of the Prefect server that the user has: from the environment, or a profile.

    Raises:
        InvalidOption: none is named.
    """
    configure(home)
    from prefect.settings import PREFECT_API_URL

    url: str | None = PREFECT_API_URL.value()
    if not url:
        raise InvalidOption("no Prefect server is configured: set PREFECT_API_URL")
    return url


def is_server_named(home: Path) -> bool:
    """Whether a Prefect server is configured, wherever Prefect looks: in the environment, in files
    of this folder, in the active profile. Prefect is not imported for that.

    Args:
        home: folder for Prefect's history if the user has no server.
    """
    in_project = (
        _read(Path("prefect.toml")),
        _read(Path("pyproject.toml")).get("tool", {}).get("prefect", {}),
    )
    named = any(each.get("api", {}).get("url") for each in in_project)
    return bool(os.environ.get(API)) or named or API in _active_profile(home)


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


def _active_profile(home: Path) -> Mapping[str, Any]:
    """The settings of the active profile, as `configure` would have Prefect find it."""
    own = Path.home() / ".prefect"
    default = own if (own / "profiles.toml").exists() else home
    folder = Path(os.environ.get("PREFECT_HOME", default)).expanduser()
    profiles = _read(Path(os.environ.get("PREFECT_PROFILES_PATH", folder / "profiles.toml")))
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active", ""))
    found: Mapping[str, Any] = profiles.get("profiles", {}).get(active, {})
    return found


def _read(path: Path) -> dict[str, Any]:
    """A TOML file; empty if it is missing or none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
