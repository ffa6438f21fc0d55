"""What is stuck, and what holds the devices."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from prefect import task
from prefect.artifacts import (
    acreate_image_artifact,
    acreate_markdown_artifact,
    acreate_table_artifact,
)
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse

from trax.compose import process_workspace
from trax.host import EngineClient
from trax.orchestration.recovery import sweep
from trax.orchestration.slots import device_limit
from trax.pipelines.all import PIPELINES
from trax.service.analytics.answers import Analytics
from trax.service.analytics.period import Period
from trax.service.analytics.pictures import pictures
from trax.service.analytics.report import Report, markdown, report
from trax.service.analytics.settling import settle
from trax.settings import load_settings
from trax.store import JobRecord, JobStatus
from trax.store.retention import days_before

_MOST = 50  # rows of a table
_MINUTES_A_DAY = 1440
_DAYS = 30  # that figures are about
_STAGES = tuple(
    stage.name
    for pipeline in PIPELINES.values()
    for stage in pipeline.stages
    if stage.where == "device"
)
_WAITING = (StateType.SCHEDULED, StateType.PENDING)
_PREFIX = device_limit("")


@task(name="free", description="Give back slots of devices that nobody holds any more.")
async def free_leaked_slots() -> list[str]:
    """Give back slots that were taken and never given back: more are taken than stages run. Gives
    what was done.

    Prefect's own leases do this where its server lives on; one that was started again has forgotten
    them.
    """
    freed = []
    async with get_client() as client:
        running = await _running_stages(client)
        for limit in await _limits(client):
            if limit.active_slots > running:
                await client.update_global_concurrency_limit(
                    limit.name, GlobalConcurrencyLimitUpdate(active_slots=running)
                )
                freed.append(f"{limit.name}: {limit.active_slots - running}")
    return freed


@task(name="restart", description="Start runs again whose process is gone.")
async def restart_dead_runs() -> list[str]:
    """Start runs again whose process is gone, for workers that do not see to it themselves."""
    jobs = process_workspace().jobs
    async with get_client() as client:
        return await sweep(client, jobs.of_runs, lambda _run: None)


@task(name="write", description="Leave the report in the UI.")
async def write_report(stuck_minutes: int, freed: Sequence[str], restarted: Sequence[str]) -> int:
    """Leave the report under the key ``trax-report``, and give how many jobs are stuck."""
    before = days_before(datetime.now(UTC), stuck_minutes / _MINUTES_A_DAY)
    jobs = process_workspace().jobs
    lost = await asyncio.to_thread(jobs.newest, (JobStatus.LOST,), _MOST)
    running = await asyncio.to_thread(jobs.newest, (JobStatus.RUNNING,), _MOST)
    failed = await asyncio.to_thread(jobs.newest, (JobStatus.FAILED,), _MOST)
    slow = [job for job in running if (job.started_at or job.created_at) < before]
    async with get_client() as client:
        waiting = [run for run in await _waiting_runs(client) if _due(run) < before]
        limits = await _limits(client)
    sections = [
        _section(
            "Lost: nobody was heard of who works on them; the next worker that is given them "
            "goes on",
            lost,
        ),
        _section(f"Running for more than {stuck_minutes} minutes", slow),
        _table(
            "Waiting for a worker for as long", ("run", "state", "due"), map(_waiting_row, waiting)
        ),
        _table(
            "Devices",
            ("limit", "taken", "of"),
            ((_name(x), str(x.active_slots), str(x.limit)) for x in limits),
        ),
        _table("Runs whose process was gone", ("run", ""), ((each, "") for each in restarted)),
        _table("Slots given back", ("device", ""), ((each, "") for each in freed)),
        _table("Engines of this machine", ("engine", "running", "waiting", "models"), _engines()),
        _section("Failed last", failed),
    ]
    text = (
        "\n".join(section for section in sections if section)
        or "Nothing is stuck, nothing failed.\n"
    )
    figures = await asyncio.to_thread(_figures)
    text += "\n" + markdown(figures)
    stuck = len(lost) + len(slow) + len(waiting)
    await acreate_markdown_artifact(text, key="trax-report", description=f"{stuck} stuck")
    await _leave_figures(figures)
    return stuck


async def _leave_figures(figures: Report) -> None:
    """Leave targets as a table under ``trax-targets``, and pictures."""
    rows = [
        {"target": each.name, "wanted": each.wanted, "found": each.found, "unit": each.unit}
        | {"state": each.state, "how": each.note}
        for each in figures.targets
    ]
    await acreate_table_artifact(rows, key="trax-targets", description="Targets")
    for key, title, svg in pictures(figures):
        encoded = b64encode(svg.encode()).decode()
        await acreate_image_artifact(
            f"data:image/svg+xml;base64,{encoded}", key=f"trax-{key}", description=title
        )


def _figures() -> Report:
    """How the last days went; days that are over are added up, and advice is checked, first."""
    workspace, settings = process_workspace(), load_settings()
    analytics = Analytics(workspace.database, settings)
    settle(workspace.database, workspace.objects, settings.home / "live")
    analytics.advise()
    return report(analytics, Period.last(_DAYS))


async def _running_stages(client: PrefectClient) -> int:
    """How many stages that use a device run now, in flow runs that live."""
    running = StateType.RUNNING
    found = await client.read_task_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[running]))
        ),
        task_run_filter=TaskRunFilter(
            state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[running])),
        ),
        limit=200,
    )
    return sum(task.name.startswith(_STAGES) for task in found)


async def _limits(client: PrefectClient) -> list[GlobalConcurrencyLimitResponse]:
    found = await client.read_global_concurrency_limits(limit=200)
    return [limit for limit in found if limit.name.startswith(_PREFIX)]


async def _waiting_runs(client: PrefectClient) -> list[FlowRun]:
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=["trax"]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_WAITING))),
    )
    return list(await client.read_flow_runs(flow_run_filter=wanted, limit=_MOST))


def _due(run: FlowRun) -> datetime:
    return run.next_scheduled_start_time or run.expected_start_time or datetime.now(UTC)


def _waiting_row(run: FlowRun) -> tuple[str, str, str]:
    return (
        run.name,
        run.state.name or "" if run.state else "",
        _due(run).isoformat(sep=" ", timespec="seconds"),
    )


def _name(limit: GlobalConcurrencyLimitResponse) -> str:
    return limit.name.removeprefix(_PREFIX)


def _engines() -> list[tuple[str, str, str, str]]:
    settings = load_settings()
    found = EngineClient(settings.sockets, settings.store_identity).statuses()
    return [
        (
            each.device,
            ", ".join(each.running) or "nothing",
            str(each.waiting),
            ", ".join(each.loaded) or "none",
        )
        for each in found
    ]


def _section(title: str, jobs: Sequence[JobRecord]) -> str:
    return _table(title, ("job", "recording", "stage", "progress", "why"), map(_job_row, jobs))


def _job_row(job: JobRecord) -> tuple[str, ...]:
    return (
        job.id,
        job.name,
        job.stage,
        f"{job.progress:.0%}",
        str((job.error or {}).get("error", "")),
    )


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
        for row in rows
    ]
    if not lines:
        return ""
    head = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    return "\n".join([f"## {title}", "", *head, *lines, ""])
