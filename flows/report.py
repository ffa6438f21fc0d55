"""How things stand."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.names import named
from tasks.report import free_leaked_slots, restart_dead_runs, write_report


@flow(
    name="report",
    description="Stuck jobs, devices and their slots, failures, and how the last 30 days went; "
    "dead runs start again, leaked slots are given back.",
    flow_run_name=named("report"),
)
async def report(stuck_minutes: Annotated[int, Field(ge=1)] = 60) -> int:
    """Leave a report in the UI, and give how many jobs are stuck.

    Args:
        stuck_minutes: For how long a job may run, or wait for a worker, until it is taken to be
            stuck.
    """
    restarted = await restart_dead_runs()
    freed = await free_leaked_slots()
    return await write_report(stuck_minutes, freed, restarted)
