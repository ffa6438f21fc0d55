"""Imported by Prefect in every process, by an entry point, so that Trax's blocks are known there.

In the temporary server that `run_flow` starts, it also ends the server with the process that it
works for, which may have been killed before it could.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from trax.errors import MissingRooms
from trax.orchestration.blocks import import_blocks
from trax.orchestration.environment import SERVER_OF

_EVERY = 2.0  # seconds between looks at the parent


def end_with(parent: int) -> None:
    """End this process once *parent* is no longer the process that started it."""
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(0)


def _chosen_rooms() -> Path | None:
    chosen = os.environ.get("TRAX_ROOMS")
    return Path(chosen) if chosen else None


if os.environ.get(SERVER_OF) == str(os.getppid()):
    threading.Thread(
        target=end_with, args=(os.getppid(),), name="end-with-parent", daemon=True
    ).start()

with suppress(MissingRooms):  # the library alone, without the rooms beside it, has no blocks
    import_blocks(_chosen_rooms())
