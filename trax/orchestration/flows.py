"""Prefect flows run in this process."""

import asyncio
import importlib
import sys
import threading
from pathlib import Path
from typing import Any

import httpx

from trax.orchestration.environment import (
    configure,
    is_server_named,
    make_importable,
    rooms_folder,
    unavailable,
)
from trax.orchestration.temporary import TemporaryServer

_starting = threading.Lock()
_temporary: TemporaryServer | None = None


def flow_entrypoint(rooms: Path | None, name: str) -> Path | None:
    """The file of the flow *name* in *rooms*, or beside the library; ``None`` if flows are not
    installed.
    """
    file = rooms_folder(rooms) / "flows" / f"{name}.py"
    return file if file.is_file() else None


def run_flow(entrypoint: Path, parameters: dict[str, Any], home: Path) -> Any:
    """Run the flow in the file *entrypoint*, which has the file's name, and return its result.

    If the user has a Prefect server or profile, the run is seen there. Otherwise a temporary
    server keeps the history in *home*.

    Raises:
        PrefectUnavailable: the Prefect server does not answer.
        StoreUnavailable: the folder *home* cannot be made.
    """
    configure(home)
    make_importable(entrypoint.parents[1])
    server = start_server(home)
    flow = getattr(importlib.import_module(f"flows.{entrypoint.stem}"), entrypoint.stem)
    if server is not None:
        server.wait()
    try:
        return asyncio.run(flow(**parameters))
    except (httpx.TransportError, RuntimeError) as error:
        # Prefect's own failures to reach its server name the API.
        if isinstance(error, RuntimeError) and "API" not in str(error):
            raise
        raise unavailable(error) from error


def start_server(home: Path) -> TemporaryServer | None:
    """Start the temporary server of this process, which takes seconds, if that is not done yet.

    Returns:
        the server; ``None`` if the user has one.
    """
    global _temporary
    with _starting:
        if _temporary is None and "prefect" not in sys.modules and not is_server_named(home):
            configure(home)
            _temporary = TemporaryServer(home / "temporary-server.log")
        return _temporary
