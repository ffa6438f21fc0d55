"""Runs whose process has ended without a word: found by how things stand now, and started again.

Nothing here acts on events, which may be late: a run is looked at, and so is its job. A run that
is starting, alive or ended is left alone.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from trax.store import JobRecord, JobStatus

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun

MOST_STARTS = 4
"""How often a run may start, crashes included: one that takes its process down would do so for
ever.
"""

RESUMES = "trax-resumes"
"""Tag of runs that may be started again, since they continue after the stages that are kept."""

AT_ONCE = 200
"""Runs in one question: the most that a server answers."""

_SILENT = timedelta(minutes=5)  # a worker that was not seen for so long is gone
_UNNAMED = timedelta(minutes=5)  # the longest that a worker takes to say which run it has
_RECENT = timedelta(days=1)  # crashes before that are history

Jobs = Callable[[Collection[str]], Mapping[str, JobRecord]]
"""Gives the newest job of each flow run, by the run's id."""


async def restart(client: "PrefectClient", run: "FlowRun", reason: str) -> str:
    """End a run whose process is gone, and schedule it again if it may be.

    Returns:
        what was done; empty if it had ended by itself.
    """
    from prefect.client.schemas.objects import State
    from prefect.states import AwaitingRetry, Cancelled, Crashed

    run = await client.read_flow_run(run.id)
    if run.state is None or (run.state.is_final() and not run.state.is_crashed()):
        return ""
    await _end_tasks(client, run.id, reason)
    if run.state.is_cancelling():
        await client.set_flow_run_state(run.id, Cancelled(message=reason), force=True)
        return "cancelled"
    if not run.state.is_crashed():
        await client.set_flow_run_state(run.id, Crashed(message=reason))
    if not may_restart(run):
        return "crashed"
    state: State[None] = AwaitingRetry(
        message=f"{reason} It continues after the stages that are kept."
    )
    await client.set_flow_run_state(run.id, state)
    return "started again"


def may_restart(run: "FlowRun") -> bool:
    """Whether a run continues where it was, and has not started too often."""
    return RESUMES in run.tags and run.run_count < MOST_STARTS


async def sweep(
    client: "PrefectClient", jobs: Jobs, holds: Callable[["FlowRun"], bool | None]
) -> list[str]:
    """Restart every run whose process is gone.

    Args:
        holds: whether a run has a living process; ``None`` if that cannot be known here.

    Returns:
        a sentence for each run that was restarted or ended.
    """
    runs = await _unfinished(client)
    if not runs:
        return []
    records = await asyncio.to_thread(jobs, [str(run.id) for run in runs])
    workers = await _seen(client, runs)
    done = []
    for run in runs:
        reason = _reason(run, records.get(str(run.id)), holds(run), workers)
        if reason:
            what = await restart(client, run, reason)
            if what:
                done.append(f"{run.name}: {what}. {reason}")
    return done


def _reason(
    run: "FlowRun",
    job: JobRecord | None,
    held: bool | None,
    workers: Mapping[str, datetime],
) -> str:
    """Why a run has no process any more; empty if it has one, or may have."""
    assert run.state is not None
    age = datetime.now(UTC) - run.state.timestamp
    if held:
        return ""
    if run.state.is_crashed():
        again = may_restart(run) and not (job is not None and _is_over(job))
        return "Its process ended without a word." if again else ""
    if held is False:
        return "Its process is gone."
    if job is not None and job.status is JobStatus.RUNNING:
        return ""
    worker = worker_of(run)
    if not worker:
        return "No worker has it any more." if age > _UNNAMED and run.state.is_pending() else ""
    seen = workers.get(worker)
    if age > _SILENT and (seen is None or datetime.now(UTC) - seen > _SILENT):
        return f"Its worker {worker} is gone."
    return ""


def _is_over(job: JobRecord) -> bool:
    """Whether a job ended as somebody wanted, or for a reason that stays; one that was only stopped
    with its process has not.
    """
    if job.status is JobStatus.CANCELLED:
        return job.cancel_requested_at is not None
    return job.status in (JobStatus.COMPLETED, JobStatus.FAILED)


def worker_of(run: "FlowRun") -> str:
    """The name of the worker that took a run."""
    return str(run.labels.get("prefect.worker.name", ""))


async def _unfinished(client: "PrefectClient") -> list["FlowRun"]:
    """Trax's runs that a process should have, and those that crashed lately."""
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterEndTime,
        FlowRunFilterState,
        FlowRunFilterStateType,
        FlowRunFilterTags,
    )
    from prefect.client.schemas.objects import StateType

    tags = FlowRunFilterTags(all_=["trax"])
    begun = FlowRunFilterStateType(
        any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    )
    crashed = FlowRunFilterStateType(any_=[StateType.CRASHED])
    lately = FlowRunFilterEndTime(after_=datetime.now(UTC) - _RECENT)
    questions = (
        FlowRunFilter(tags=tags, state=FlowRunFilterState(type=begun)),
        FlowRunFilter(
            tags=FlowRunFilterTags(all_=[RESUMES]),
            state=FlowRunFilterState(type=crashed),
            end_time=lately,
        ),
    )
    found = []
    for question in questions:
        found += await client.read_flow_runs(flow_run_filter=question, limit=AT_ONCE)
    return found


async def _seen(client: "PrefectClient", runs: Collection["FlowRun"]) -> dict[str, datetime]:
    """When the workers of *runs* were last heard of, by name."""
    pools = {run.work_pool_name for run in runs if run.work_pool_name}
    found = {}
    for pool in pools:
        for worker in await client.read_workers_for_work_pool(pool, limit=AT_ONCE):
            if worker.last_heartbeat_time is not None:
                found[worker.name] = worker.last_heartbeat_time
    return found


async def _end_tasks(client: "PrefectClient", run_id: UUID, reason: str) -> None:
    """End the task runs of a process that is gone."""
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterId,
        TaskRunFilter,
        TaskRunFilterState,
        TaskRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    open_states = [StateType.PENDING, StateType.RUNNING, StateType.SCHEDULED]
    wanted = TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=open_states)))
    of_run = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    for task in await client.read_task_runs(
        flow_run_filter=of_run, task_run_filter=wanted, limit=AT_ONCE
    ):
        await client.set_task_run_state(task.id, Crashed(message=reason), force=True)
