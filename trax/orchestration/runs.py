"""Runs of a deployment on a Prefect server."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from trax.errors import SetupError
from trax.orchestration.environment import configure, server_answers
from trax.orchestration.recovery import AT_ONCE
from trax.pipelines.runs import LIVING, LOST, RunState

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun


# A run that crashed longer ago was not started again.
_STARTED_AGAIN = timedelta(minutes=10)


class PrefectRuns:
    """Recordings as runs of deployments, which have their pipelines' names.

    Args:
        home: folder for Prefect's history if the user has no server.
    """

    def __init__(self, home: Path) -> None:
        configure(home)
        self._deployments: dict[str, UUID] = {}

    def submit(
        self,
        recording: str,
        options: Any,
        key: str,
        account: str = "",
        pipeline: str = "transcribe",
    ) -> str:
        """Submit a recording, once for the same *key*, and return the run's id.

        Args:
            account: whose it is; empty if it is nobody's.
            pipeline: that is run on it.

        Raises:
            SetupError: there is no such deployment.
            PrefectUnavailable: the Prefect server does not answer.
        """
        parameters = {"recording": recording, "options": options.model_dump(mode="json")}
        if account:
            parameters["account"] = account
        with _client() as client:
            run = client.create_flow_run_from_deployment(
                self._deployment(pipeline),
                parameters=parameters,
                idempotency_key=key,
                name=recording,
            )
            return str(run.id)

    def cancel(self, run: str) -> None:
        """Cancel a run, whether it has begun or not; one that has ended stays as it is.

        Raises:
            PrefectUnavailable: the Prefect server does not answer.
        """
        from prefect.exceptions import ObjectNotFound
        from prefect.states import Cancelling

        if not _is_id(run):
            return
        with _client() as client, suppress(ObjectNotFound):
            state = client.read_flow_run(UUID(run)).state
            if state is None or not state.is_final():
                client.set_flow_run_state(UUID(run), Cancelling())

    def _deployment(self, pipeline: str) -> UUID:
        """The id of a pipeline's deployment, which is looked for once."""
        from prefect.exceptions import ObjectNotFound

        name = f"{pipeline}/{pipeline}"
        if pipeline not in self._deployments:
            with _client() as client:
                try:
                    self._deployments[pipeline] = client.read_deployment_by_name(name).id
                except ObjectNotFound as error:
                    raise SetupError(
                        f"there is no deployment {name}; `prefect deploy --all` makes it"
                    ) from error
        return self._deployments[pipeline]

    def states(self, runs: Collection[str]) -> dict[str, RunState]:
        """The states of runs; a run that the server does not know is lost.

        Raises:
            PrefectUnavailable: the Prefect server does not answer.
        """
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        ids = [UUID(run) for run in sorted(runs) if _is_id(run)]
        found: dict[str, RunState] = dict.fromkeys(runs, LOST)
        with _client() as client:
            for start in range(0, len(ids), AT_ONCE):
                page = FlowRunFilterId(any_=ids[start : start + AT_ONCE])
                wanted = FlowRunFilter(id=page)
                for run in client.read_flow_runs(flow_run_filter=wanted, limit=AT_ONCE):
                    found[str(run.id)] = _state(run)
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

    with server_answers(), get_client(sync_client=True) as client:
        yield client
