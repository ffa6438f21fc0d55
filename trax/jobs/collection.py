"""Prefect imports this by its entry point in every process, so that Trax's kinds of blocks are known there."""

import os
from contextlib import suppress
from pathlib import Path

from trax.errors import SetupError
from trax.jobs.prefect_jobs import import_blocks

with suppress(SetupError):  # the library alone, without the rooms beside it, has no blocks
    import_blocks(Path(os.environ["TRAX_ROOMS"]) if os.environ.get("TRAX_ROOMS") else None)
