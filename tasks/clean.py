"""Clean-up as a task."""

import asyncio

from prefect import task
from prefect.artifacts import acreate_table_artifact

from trax.compose import process_workspace
from trax.store.retention import Removal, due, remove


@task(name="clean", description="Remove what is kept no longer.", result_serializer="json")
async def clean_up(dry_run: bool) -> int:
    """Remove what is due, or only list it; a table says what."""
    removals = await asyncio.to_thread(_removals, dry_run)
    rows = [{"object": each.key, "why": each.reason, "bytes": each.size_bytes} for each in removals]
    description = "What would be removed" if dry_run else "What was removed"
    await acreate_table_artifact(
        rows or [{"object": "nothing", "why": "", "bytes": 0}], "clean", description
    )
    return len(removals)


def _removals(dry_run: bool) -> list[Removal]:
    workspace = process_workspace()
    policy = workspace.objects.retention
    if dry_run:
        return list(due(workspace.objects, workspace.database, policy))
    return list(remove(workspace.objects, workspace.database, policy))
