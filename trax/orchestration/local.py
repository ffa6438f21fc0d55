"""Prefect flows in this very process. The only module of the library that knows Prefect."""

import asyncio
import importlib
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from trax.errors import SetupError, StoreUnavailable

_ENVIRONMENT = {
    # The command line tells what happens itself; a server's log still gets everything.
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

_starting = threading.Lock()

_WITHOUT = "TRAX_RUNNER=local works without one"


def flow_entrypoint(rooms: Path | None, name: str) -> Path | None:
    """The file of the flow *name*: in *rooms*, or beside this library; ``None`` where flows are not
    installed.
    """
    file = rooms_folder(rooms) / "flows" / f"{name}.py"
    return file if file.is_file() else None


def rooms_folder(rooms: Path | None) -> Path:
    """The folder that holds ``flows/``, ``blocks/`` and ``deployments/``: *rooms*, or beside this
    library.
    """
    return rooms or Path(__file__).resolve().parents[2]


def run_flow(entrypoint: Path, parameters: dict[str, Any], home: Path) -> Any:
    """Run the flow in the file *entrypoint*, which bears the file's name, and give what it returns.

    Where the user has a Prefect server or profile, the run is seen there. Otherwise a temporary
    server keeps the history in *home*.

    Raises:
        StoreUnavailable: the Prefect server does not answer, or its folder cannot be made.
    """
    configure(home)
    _make_importable(entrypoint.parents[1])
    flow = getattr(importlib.import_module(f"flows.{entrypoint.stem}"), entrypoint.stem)
    try:
        _wait_for_server()
        return asyncio.run(flow(**parameters))
    except (httpx.TransportError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "API" not in str(error):
            raise
        reason = str(error) or type(error).__name__
        raise StoreUnavailable(
            f"the Prefect server does not answer ({reason}); {_WITHOUT}"
        ) from error


def _wait_for_server() -> None:
    """Have the server answer once, a temporary one too: flows of several threads must not start it
    at once.
    """
    from prefect.client.orchestration import get_client

    with _starting, get_client(sync_client=True) as client:
        client.hello()


def load_block(rooms: Path | None, home: Path, kind: str, name: str) -> Any:
    """The Prefect block *name* of one of the kinds that the folder ``blocks/`` defines.

    Where the user has no Prefect server, it is looked for in the history below *home*, as
    `run_flow` keeps it.

    Raises:
        SetupError: there is no such block, or the blocks are not installed.
        StoreUnavailable: the Prefect server does not answer.
    """
    if "prefect" not in sys.modules:
        configure(home)
    import_blocks(rooms)
    from prefect.blocks.core import Block

    try:
        return Block.load(f"{kind}/{name}", _sync=True)  # type: ignore[call-arg]
    except ValueError as error:
        raise SetupError(
            f"there is no block {kind}/{name}; `trax prefect setup` registers its kind"
        ) from error
    except (httpx.TransportError, RuntimeError) as error:
        raise StoreUnavailable(
            f"the Prefect server does not answer ({error or type(error).__name__})"
        ) from error


def import_blocks(rooms: Path | None) -> ModuleType:
    """The package ``blocks``: in *rooms*, or beside this library.

    Raises:
        SetupError: it is not there.
    """
    folder = rooms_folder(rooms)
    _make_importable(folder)
    try:
        return importlib.import_module("blocks")
    except ModuleNotFoundError as error:
        if error.name != "blocks":
            raise
        raise SetupError(
            f"no blocks are in {folder}; set TRAX_ROOMS to the folder with them"
        ) from error


def _make_importable(rooms: Path) -> None:
    if str(rooms) not in sys.path:
        sys.path.insert(0, str(rooms))


def configure(home: Path) -> None:
    """Set what Prefect reads from the environment when it is imported; nothing that the user has
    set is changed.
    """
    settings = {**_ENVIRONMENT, SERVER_OF: str(os.getpid())}
    if not (Path.home() / ".prefect" / "profiles.toml").exists():
        settings["PREFECT_HOME"] = str(home)
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"cannot make the folder {home}: {error.strerror}") from error
    for name, value in settings.items():
        os.environ.setdefault(name, value)
