"""Runs of a deployment on a Prefect server."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from trax.errors import SetupError, StoreUnavailable
from trax.orchestration.local import configure
from trax.pipelines.runs import LIVING, LOST, RunState

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

_AT_ONCE = 200  # runs in one question: the most that a server answers
_STARTED_AGAIN = timedelta(
    minutes=10
)  # a run that crashed longer ago was not started again by the server's automation


class PrefectRuns:
    """Recordings as runs of the deployment called *deployment*, ``flow/deployment``."""

    def __init__(self, home: Path, deployment: str = "transcribe/transcribe") -> None:
        configure(home)
        self._deployment = deployment

    def submit(self, recording: str, options: Any, key: str) -> str:
        """Have a recording transcribed, once for the same *key*; gives the run's id.

        Raises:
            SetupError: there is no such deployment.
            StoreUnavailable: the Prefect server does not answer.
        """
        parameters = {"recording": recording, "options": options.model_dump(mode="json")}
        with _client() as client:
            run = client.create_flow_run_from_deployment(
                self._deployment_id, parameters=parameters, idempotency_key=key, name=recording
            )
            return str(run.id)

    @cached_property
    def _deployment_id(self) -> UUID:
        from prefect.exceptions import ObjectNotFound

        with _client() as client:
            try:
                return client.read_deployment_by_name(self._deployment).id
            except ObjectNotFound as error:
                raise SetupError(
                    f"no deployment {self._deployment}; `prefect deploy --all` makes it"
                ) from error

    def states(self, runs: Collection[str]) -> dict[str, RunState]:
        """Where runs stand; those that the server does not know are lost.

        Raises:
            StoreUnavailable: the Prefect server does not answer.
        """
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        ids = sorted(run for run in runs if _is_id(run))
        found: dict[str, RunState] = dict.fromkeys(runs, LOST)
        with _client() as client:
            for at in range(0, len(ids), _AT_ONCE):
                some = [UUID(run) for run in ids[at : at + _AT_ONCE]]
                wanted = FlowRunFilter(id=FlowRunFilterId(any_=some))
                found |= {
                    str(run.id): _state(run)
                    for run in client.read_flow_runs(flow_run_filter=wanted, limit=200)
                }
        return found


def _state(run: "FlowRun") -> RunState:
    state = run.state
    if state is None or not state.is_final():
        return LIVING
    if state.is_completed():
        return RunState("ended")
    if state.is_crashed():
        return LIVING if datetime.now(UTC) - state.timestamp < _STARTED_AGAIN else LOST
    return RunState("ended", state.message or f"the run ended as {state.name}")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@contextmanager
def _client() -> "Iterator[SyncPrefectClient]":
    from prefect.client.orchestration import get_client

    try:
        with get_client(sync_client=True) as client:
            yield client
    except (httpx.TransportError, RuntimeError) as error:
        raise StoreUnavailable(
            f"the Prefect server does not answer ({error or type(error).__name__})"
        ) from error
