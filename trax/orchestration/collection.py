"""Prefect imports this by its entry point in every process, so that Trax's kinds of blocks are
known there.

In the temporary server that `run_flow` starts it also sees to it that the server does not outlive a
process that was killed and could not end it.
"""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from trax.errors import SetupError
from trax.orchestration.local import SERVER_OF, import_blocks

_EVERY = 2.0  # seconds between looks at the parent


def end_with(parent: int) -> None:
    """End this process once *parent* is no longer the process that started it."""
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(0)


if os.environ.get(SERVER_OF) == str(os.getppid()):
    threading.Thread(
        target=end_with, args=(os.getppid(),), name="end-with-parent", daemon=True
    ).start()

with suppress(SetupError):  # the library alone, without the rooms beside it, has no blocks
    import_blocks(Path(os.environ["TRAX_ROOMS"]) if os.environ.get("TRAX_ROOMS") else None)
