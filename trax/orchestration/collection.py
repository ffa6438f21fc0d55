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
from trax.orchestration.environment import EPHEMERAL, SERVER_OF, reach_server

_EVERY = 2.0  # seconds between looks at the parent


def end_with(parent: int) -> None:
    """End this process once *parent* is no longer the process that started it."""
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(0)


def works_for(owner: str) -> int | None:
    """The process that this one is the temporary server of, by its id in *owner*; it may have ended
    already. ``None`` if this is no such server.
    """
    if not owner.isdigit() or EPHEMERAL not in os.environ:
        return None
    is_another_s = os.getppid() != int(owner) and _lives(int(owner))
    return None if is_another_s else int(owner)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def _chosen_rooms() -> Path | None:
    chosen = os.environ.get("TRAX_ROOMS")
    return Path(chosen) if chosen else None


reach_server()

_owner = works_for(os.environ.get(SERVER_OF, ""))
if _owner is not None:
    threading.Thread(target=end_with, args=(_owner,), name="end-with-parent", daemon=True).start()

with suppress(MissingRooms):  # the library alone, without the rooms beside it, has no blocks
    import_blocks(_chosen_rooms())
