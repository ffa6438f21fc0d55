"""How the Prefect server of the user is: does it answer, and is what Trax needs there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from trax.errors import StoreError
from trax.orchestration.environment import configure, rooms_folder, server_answers, unavailable

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import Worker, WorkPool

_PATIENCE = 4.0  # seconds that an answer may take
_MOST = 200  # of anything, in one answer
_UNAUTHORISED = (401, 403)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCondition:
    """A worker of a pool.

    Attributes:
        silence: seconds since it was last heard of.
    """

    name: str
    online: bool
    silence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCondition:
    """A work pool that Trax's deployments use.

    Attributes:
        kind: its type; empty if there is no such pool.
        workers: those that are online first, then by when they were heard of.
    """

    name: str
    kind: str = ""
    paused: bool = False
    workers: tuple[WorkerCondition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCondition:
    """A Prefect server that answers.

    Attributes:
        url: its API.
        version: of Prefect; empty on Prefect Cloud.
        client: version of Prefect here.
        database: ``sqlite`` or ``postgresql``; empty if unknown.
        deployments: Trax's that are there, ``flow/deployment``.
        missing: those that are not.
        late: runs of Trax's deployments that should have begun.
        latest: seconds by which the first of them is late.
    """

    url: str
    version: str
    client: str
    database: str
    pools: tuple[PoolCondition, ...]
    deployments: tuple[str, ...]
    missing: tuple[str, ...]
    late: int
    latest: float


def look_at_server(rooms: Path | None, home: Path) -> ServerCondition:
    """The condition of the server that is configured.

    Raises:
        PrefectUnavailable: it does not answer within seconds.
        StoreError: it answers, but refuses, or is no Prefect server.
    """
    configure(home)
    from prefect import __version__
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    folder = rooms_folder(rooms)
    try:
        with (
            server_answers(),
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
            get_client(httpx_settings={"timeout": _PATIENCE}, sync_client=True) as client,
        ):
            return _looked_at(client, _wanted(folder), __version__)
    except PrefectHTTPStatusError as error:
        raise _refusal(error.response.status_code) from error
    except ValueError as error:  # no JSON, or other JSON
        raise StoreError("what answers there is no Prefect server") from error


def _refusal(status: int) -> StoreError:
    if status in _UNAUTHORISED:
        return StoreError(f"the Prefect server refuses with status {status}: check its key")
    if status >= 500:
        return unavailable(RuntimeError(f"status {status}"))
    return StoreError(f"no Prefect API is there (status {status}); its address ends with /api")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What should be on the server."""

    pools: Sequence[str]
    deployments: Sequence[str]


def _wanted(rooms: Path) -> _Wanted:
    """What ``deployments/setup.yaml`` and ``prefect.yaml`` name; nothing if they are not here."""
    pools = _yaml(rooms / "deployments" / "setup.yaml").get("pools", {})
    deployments = _yaml(rooms / "prefect.yaml").get("deployments", ())
    return _Wanted(list(pools), [_deployment_name(each) for each in deployments])


def _deployment_name(deployment: Mapping[str, Any]) -> str:
    """``flow/deployment``: flows are called like their functions, with hyphens."""
    function = str(deployment["entrypoint"]).rpartition(":")[2]
    return f"{function.replace('_', '-')}/{deployment['name']}"


def _looked_at(client: "SyncPrefectClient", wanted: _Wanted, version: str) -> ServerCondition:
    is_cloud = client.server_type.name == "CLOUD"
    server_version = "" if is_cloud else str(client.api_version())
    pools = {pool.name: pool for pool in client.read_work_pools(limit=_MOST)}
    there = _deployments(client)
    late = _late(client)
    return ServerCondition(
        url=str(client.api_url),
        version=server_version,
        client=version,
        database="" if is_cloud else _database(client),
        pools=tuple(_pool(client, name, pools.get(name)) for name in wanted.pools),
        deployments=tuple(name for name in wanted.deployments if name in there),
        missing=tuple(name for name in wanted.deployments if name not in there),
        late=len(late),
        latest=max(late, default=0.0),
    )


def _pool(client: "SyncPrefectClient", name: str, pool: "WorkPool | None") -> PoolCondition:
    if pool is None:
        return PoolCondition(name=name)
    found = client.read_workers_for_work_pool(name, limit=_MOST)
    workers = sorted(map(_worker, found), key=lambda each: (not each.online, each.silence))
    return PoolCondition(name=name, kind=pool.type, paused=pool.is_paused, workers=tuple(workers))


def _worker(found: "Worker") -> WorkerCondition:
    heard = found.last_heartbeat_time
    return WorkerCondition(
        name=found.name,
        online=found.status == "ONLINE",
        silence=_age(heard) if heard else float("inf"),
    )


def _deployments(client: "SyncPrefectClient") -> set[str]:
    """Names of all deployments of Trax."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags

    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=["trax"]))
    flows = {flow.id: flow.name for flow in client.read_flows(deployment_filter=ours, limit=_MOST)}
    found = client.read_deployments(deployment_filter=ours, limit=_MOST)
    return {f"{flows.get(each.flow_id)}/{each.name}" for each in found}


def _late(client: "SyncPrefectClient") -> list[float]:
    """By how many seconds runs of Trax are late."""
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateName,
        FlowRunFilterTags,
    )

    late = FlowRunFilter(
        tags=FlowRunFilterTags(all_=["trax"]),
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Late"])),
    )
    runs = client.read_flow_runs(flow_run_filter=late, limit=_MOST)
    return [_age(run.expected_start_time) for run in runs if run.expected_start_time]


def _database(client: "SyncPrefectClient") -> str:
    """The kind of the server's database, if it tells: the address itself it keeps to itself."""
    settings = client.request("GET", "/admin/settings").json()
    driver = settings.get("server", {}).get("database", {}).get("driver") or ""
    return str(driver).partition("+")[0]


def _age(moment: datetime) -> float:
    return (datetime.now(UTC) - moment).total_seconds()


def _yaml(path: Path) -> dict[str, Any]:
    """A YAML file; empty if it is missing or none."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}
