"""A look into a watched folder as a task."""

import asyncio
import hashlib

from prefect import get_run_logger, task
from prefect.variables import Variable

from tasks.artifacts import leave_table
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
    folder = folder or str(await Variable.aget("trax_folder", default=""))
    if not folder:
        get_run_logger().info("no folder is named: `trax prefect setup --folder …`")
        return {}
    settings, workspace = load_settings(), process_workspace()
    place = open_place(settings, folder)
    runs = PrefectRuns(settings.prefect_home)
    watcher = Watcher(workspace, place, runs, quiet, "More: trax jobs show {job}")
    look = await asyncio.to_thread(watcher.look)
    get_run_logger().info("%s: %s", place.name, look)
    files = await asyncio.to_thread(workspace.watched.newest, place.name, _MOST_ROWS)
    key = f"folder-{hashlib.sha256(place.name.encode()).hexdigest()[:8]}"
    rows = [_row(file) for file in files] or [{"file": "nothing yet"}]
    counts = await asyncio.to_thread(workspace.watched.counts, place.name)
    listed = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    await leave_table(rows, key, f"{place.name}: {listed or 'nothing yet'}")
    return counts


def _row(file: WatchedFile) -> dict[str, str]:
    return {
        "file": file.path,
        "state": file.state,
        "since": file.updated_at.isoformat(sep=" ", timespec="seconds"),
        "job": file.job_id,
        "why": file.reason,
        "where": file.place,
    }
