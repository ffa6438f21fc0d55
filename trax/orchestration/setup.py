"""Sets up a Prefect server: pools, queues, limits, variables, kinds of blocks."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from trax.errors import InvalidDocument, MissingRooms, SetupError
from trax.hardware import available_processors
from trax.orchestration.blocks import import_blocks
from trax.orchestration.environment import configure, rooms_folder, server_answers
from trax.orchestration.slots import device_limit

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import WorkPool, WorkQueue

PoolType = Literal["trax", "process", "docker", "kubernetes"]


class Queue(BaseModel):
    """A queue of a work pool; priority 1 is served first."""

    model_config = ConfigDict(extra="forbid")

    priority: int
    description: str


class Pool(BaseModel):
    """A work pool."""

    model_config = ConfigDict(extra="forbid")

    description: str
    queues: dict[str, Queue]


class Plan(BaseModel):
    """The file ``deployments/setup.yaml``."""

    model_config = ConfigDict(extra="forbid")

    pools: dict[str, Pool]
    seats: int
    variables: dict[str, str]
    removed_automations: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the person who sets a server up may choose.

    Attributes:
        pool_type: of new work pools; ``None``: one that is there keeps its type, a new one is for
            Trax's own workers.
        runs: the most runs of a pool at a time, on all its workers together.
        devices: devices whose slots are limited.
        seats: slots of each device; ``None``: as many as the plan says.
        variables: values that replace the plan's.
        blocks: fields of the blocks to save under the name ``main``, by kind.
    """

    pool_type: PoolType | None = None
    runs: int | None = None
    devices: Sequence[str] = ("cpu",)
    seats: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def set_up(rooms: Path | None, home: Path, choices: Choices) -> list[str]:
    """Make on the Prefect server what is needed there, or update it; return a line for each thing.

    Raises:
        MissingRooms: the folder ``deployments/`` or ``blocks/`` is not installed.
        InvalidDocument: ``deployments/setup.yaml`` makes no sense.
        SetupError: a work pool of another type has the name of one of the plan's.
        PrefectUnavailable: the Prefect server does not answer.
    """
    configure(home)
    folder = rooms_folder(rooms) / "deployments"
    plan = _plan(folder / "setup.yaml")
    kinds = import_blocks(rooms).KINDS

    async def collect() -> list[str]:
        from prefect.client.orchestration import get_client

        async with get_client() as client:
            lines = [line async for line in _blocks(kinds, choices.blocks)]
            lines += [line async for line in _pools(client, plan, choices, folder / "pools")]
            lines += [line async for line in _limits(client, choices, plan.seats)]
            lines += [line async for line in _variables(plan.variables, choices.variables)]
            lines += [line async for line in _removed(client, plan.removed_automations)]
            return lines

    with server_answers():
        return asyncio.run(collect())


def _plan(path: Path) -> Plan:
    try:
        return Plan.model_validate(_read(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidDocument(path.name, f"{where}: {first['msg']}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MissingRooms(f"{path} cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise InvalidDocument(path.name, f"no YAML ({error})") from error
    return found


async def _blocks(
    kinds: Sequence[Any], documents: Mapping[str, Mapping[str, Any]]
) -> AsyncIterator[str]:
    for kind in kinds:
        await kind.register_type_and_schema()
        yield f"kind of block     {kind.__name__}"
        if kind.__name__ in documents:
            await kind(**documents[kind.__name__]).save("main", overwrite=True)
            yield f"block             {kind._block_type_slug}/main"


async def _pools(
    client: "PrefectClient", plan: Plan, choices: Choices, templates: Path
) -> AsyncIterator[str]:
    for name, pool in plan.pools.items():
        kind = await _make_pool(client, name, pool, choices, templates)
        yield f"work pool         {name} ({kind})"
        there = {each.name: each for each in await client.read_work_queues(work_pool_name=name)}
        for queue_name, queue in pool.queues.items():
            await _make_queue(client, name, queue_name, queue, there.get(queue_name))
            yield f"queue             {name}/{queue_name}"


async def _make_pool(
    client: "PrefectClient", name: str, pool: Pool, choices: Choices, templates: Path
) -> str:
    """Make a pool, or bring it up to date; return its type."""
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate

    there = await _pool(client, name)
    kind = choices.pool_type or (there.type if there else "trax")
    if there is not None and there.type != kind:
        raise SetupError(
            f"the work pool {name} is of type {there.type}, not {kind}: "
            f"`prefect work-pool delete {name}` first, or choose its type"
        )
    values = {
        "description": pool.description,
        "base_job_template": _read(templates / f"{kind}.yaml"),
        "concurrency_limit": _most_runs(kind, choices, there),
    }
    if there is None:
        await client.create_work_pool(WorkPoolCreate(name=name, type=kind, **values))
    else:
        await client.update_work_pool(name, WorkPoolUpdate(**values))
    return kind


def _most_runs(kind: str, choices: Choices, there: "WorkPool | None") -> int | None:
    """How many runs of a pool go on at a time; a worker that starts a process for each would
    start them all at once.
    """
    if choices.runs is not None:
        return choices.runs
    if there is not None and there.concurrency_limit is not None:
        return there.concurrency_limit
    return max(2, available_processors()) if kind == "process" else None


async def _pool(client: "PrefectClient", name: str) -> "WorkPool | None":
    from prefect.exceptions import ObjectNotFound

    try:
        return await client.read_work_pool(name)
    except ObjectNotFound:
        return None


async def _make_queue(
    client: "PrefectClient", pool: str, name: str, queue: Queue, there: "WorkQueue | None"
) -> None:
    text, priority = queue.description, queue.priority
    if there is None:
        await client.create_work_queue(name, text, priority=priority, work_pool_name=pool)
    else:
        await client.update_work_queue(there.id, priority=priority, description=text)


async def _limits(client: "PrefectClient", choices: Choices, seats: int) -> AsyncIterator[str]:
    most = choices.seats or seats
    for device in choices.devices:
        name = device_limit(device)
        await client.upsert_global_concurrency_limit_by_name(name, most)
        yield f"limit             {name}: {most} at once"


async def _variables(plan: Mapping[str, str], chosen: Mapping[str, str]) -> AsyncIterator[str]:
    from prefect.variables import Variable

    for name, value in plan.items():
        there = await Variable.aget(name)
        wanted = chosen.get(name, value if there is None else str(there))
        if there != wanted:
            await Variable.aset(name, wanted, overwrite=True)
        yield f"variable          {name} = {wanted!r}"


async def _removed(client: "PrefectClient", names: Sequence[str]) -> AsyncIterator[str]:
    for name in names:
        for automation in await client.read_automations_by_name(name):
            await client.delete_automation(automation.id)
            yield f"removed           automation {name}"
