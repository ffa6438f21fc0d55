"""Prefect flows run in this process."""

import asyncio
import importlib
import threading
from pathlib import Path
from typing import Any

import httpx

from trax.orchestration.environment import (
    configure,
    make_importable,
    rooms_folder,
    unavailable,
)

_starting = threading.Lock()


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
    flow = getattr(importlib.import_module(f"flows.{entrypoint.stem}"), entrypoint.stem)
    try:
        _wait_for_server()
        return asyncio.run(flow(**parameters))
    except (httpx.TransportError, RuntimeError) as error:
        # Prefect's own failures to reach its server name the API.
        if isinstance(error, RuntimeError) and "API" not in str(error):
            raise
        raise unavailable(error) from error


def _wait_for_server() -> None:
    """Let the server answer once: flows of several threads must not start a temporary one at
    once.
    """
    from prefect.client.orchestration import get_client

    with _starting, get_client(sync_client=True) as client:
        client.hello()
