"""What a Prefect server needs for Trax, made there: pools, queues, limits, variables, automations,
kinds of blocks.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from trax.errors import InvalidDocument, SetupError, StoreUnavailable
from trax.orchestration.local import configure, import_blocks, rooms_folder
from trax.orchestration.slots import device_limit

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

PoolType = Literal["process", "docker", "kubernetes"]


class Queue(BaseModel):
    """A queue of a pool; 1 is the first to be served."""

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
    automations: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What is left to whoever sets a server up.

    Attributes:
        devices: whose slots are limited.
        seats: slots a device; ``None`` as the plan says.
        variables: values in place of the plan's.
        blocks: fields of the blocks called ``main`` that are to be kept, by kind.
    """

    pool_type: PoolType = "process"
    devices: Sequence[str] = ("cpu",)
    seats: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def set_up(rooms: Path | None, home: Path, choices: Choices) -> list[str]:
    """Make on the Prefect server what Trax needs there, or bring it up to date; gives a line for
    each thing.

    Raises:
        SetupError: the folder ``deployments/`` or ``blocks/`` is not installed.
        InvalidDocument: ``deployments/setup.yaml`` makes no sense.
        StoreUnavailable: the Prefect server does not answer.
    """
    configure(home)
    folder = rooms_folder(rooms) / "deployments"
    plan, template = (
        _plan(folder / "setup.yaml"),
        _read(folder / "pools" / f"{choices.pool_type}.yaml"),
    )
    kinds = import_blocks(rooms).KINDS

    async def collect() -> list[str]:
        from prefect.client.orchestration import get_client

        async with get_client() as client:
            lines = [line async for line in _blocks(kinds, choices.blocks)]
            lines += [line async for line in _pools(client, plan, choices.pool_type, template)]
            lines += [line async for line in _limits(client, choices, plan.seats)]
            lines += [line async for line in _variables(plan.variables, choices.variables)]
            return lines + [line async for line in _automations(client, plan.automations)]

    try:
        return asyncio.run(collect())
    except (httpx.TransportError, RuntimeError) as error:
        raise StoreUnavailable(
            f"the Prefect server does not answer ({error or type(error).__name__})"
        ) from error


def _plan(path: Path) -> Plan:
    try:
        return Plan.model_validate(_read(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidDocument(
            path.name, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(
            f"{path} cannot be read ({error.strerror}); set TRAX_ROOMS to the folder with it"
        ) from error
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
    client: "PrefectClient", plan: Plan, kind: PoolType, template: dict[str, Any]
) -> AsyncIterator[str]:
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectNotFound

    for name, pool in plan.pools.items():
        try:
            there = await client.read_work_pool(name)
        except ObjectNotFound:
            made = WorkPoolCreate(
                name=name, type=kind, description=pool.description, base_job_template=template
            )
            await client.create_work_pool(made)
        else:
            if there.type != kind:
                raise SetupError(
                    f"the work pool {name} is of type {there.type}: `prefect work-pool "
                    f"delete {name}` first, or "
                    f"`trax prefect setup --type {there.type}`"
                )
            update = WorkPoolUpdate(description=pool.description, base_job_template=template)
            await client.update_work_pool(name, update)
        yield f"work pool         {name} ({kind})"
        there_queues = {
            queue.name: queue for queue in await client.read_work_queues(work_pool_name=name)
        }
        for queue_name, queue in pool.queues.items():
            if queue_name in there_queues:
                await client.update_work_queue(
                    there_queues[queue_name].id,
                    priority=queue.priority,
                    description=queue.description,
                )
            else:
                await client.create_work_queue(
                    queue_name, queue.description, priority=queue.priority, work_pool_name=name
                )
            yield f"queue             {name}/{queue_name}"


async def _limits(client: "PrefectClient", choices: Choices, seats: int) -> AsyncIterator[str]:
    for device in choices.devices:
        await client.upsert_global_concurrency_limit_by_name(
            device_limit(device), choices.seats or seats
        )
        yield f"limit             {device_limit(device)}: {choices.seats or seats} at once"


async def _variables(plan: Mapping[str, str], chosen: Mapping[str, str]) -> AsyncIterator[str]:
    from prefect.variables import Variable

    for name, value in plan.items():
        there = await Variable.aget(name)
        wanted = chosen.get(name, value if there is None else str(there))
        if there != wanted:
            await Variable.aset(name, wanted, overwrite=True)
        yield f"variable          {name} = {wanted!r}"


async def _automations(
    client: "PrefectClient", plan: Sequence[Mapping[str, Any]]
) -> AsyncIterator[str]:
    from prefect.events.schemas.automations import AutomationCore

    for wanted in plan:
        automation = AutomationCore.model_validate(wanted)
        there = await client.read_automations_by_name(automation.name)
        if there:
            await client.update_automation(there[0].id, automation)
        else:
            await client.create_automation(automation)
        yield f"automation        {automation.name}"
