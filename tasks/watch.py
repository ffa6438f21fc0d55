"""A look into a watched folder as a task."""

import asyncio
import hashlib

from prefect import get_run_logger, task
from prefect.artifacts import acreate_table_artifact

from trax.compose import open_place, process_workspace
from trax.orchestration.runs import PrefectRuns
from trax.settings import load_settings
from trax.store import WatchedFile
from trax.watch import Watcher

_MOST_ROWS = 1000


@task(
    name="look",
    description="Submit what is new, put away what has ended.",
    result_serializer="json",
)
async def look_into(folder: str, quiet: float) -> dict[str, int]:
    """Look into *folder* once, and leave a table of its files under a key that stays the same for
    it.
    """
    if not folder:
        get_run_logger().info("no folder is named: `trax prefect setup --folder …`")
        return {}
    settings, workspace = load_settings(), process_workspace()
    place = open_place(settings, folder)
    runs = PrefectRuns(settings.prefect_home)
    watcher = Watcher(workspace, place, runs, quiet, "More: trax jobs show {job}")
    look = await asyncio.to_thread(watcher.look)
    files = await asyncio.to_thread(workspace.watched.newest, place.name, _MOST_ROWS)
    key = f"folder-{hashlib.sha256(place.name.encode()).hexdigest()[:8]}"
    rows = [_row(file) for file in files] or [{"file": "nothing yet"}]
    await acreate_table_artifact(rows, key=key, description=f"{place.name}: {look}")
    return await asyncio.to_thread(workspace.watched.counts, place.name)


def _row(file: WatchedFile) -> dict[str, str]:
    return {
        "file": file.path,
        "state": file.state,
        "since": file.updated_at.isoformat(sep=" ", timespec="seconds"),
        "job": file.job_id,
        "why": file.reason,
        "where": file.place,
    }
