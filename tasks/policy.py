"""How every stage runs under Prefect: with progress to look at, retried only where that may
help.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

import httpx
from prefect import Task, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.states import Completed

from trax.errors import Cancelled
from trax.orchestration.slots import device_slot
from trax.progress import Reporter, StageRun, current_reporter, is_stopped, reporting
from trax.work.retry import RETRY_DELAYS, is_transient
from trax.work.running import StageResult
from trax.work.workspace import Workspace

Params = ParamSpec("Params")
Result = TypeVar("Result")

_log = logging.getLogger("trax")
_EVERY = (
    5.0  # seconds between updates of a progress artifact; each costs both sides some processor time
)


async def if_transient(_task: object, _task_run: object, state: State[Any]) -> bool:
    """Whether a failed stage may do better when tried again: only where its error says so."""
    try:
        await state.aresult()
    except Exception as error:  # noqa: BLE001 - whatever it was, it only matters whether it may pass
        return is_transient(error)
    return False


def resilient(
    name: str, description: str
) -> Callable[[Callable[Params, Result]], Task[Params, Result]]:
    """A task that is tried again where that may help.

    It has no tags: for each of them Prefect would ask the server for a slot.
    """
    return task(
        name=name,
        description=description,
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=RETRY_DELAYS,
        retry_condition_fn=if_transient,
        result_serializer="json",
    )


def stage(call: Callable[[], StageResult]) -> StageResult:
    """Run a stage with its progress in the UI. A result that a checkpoint gave makes the state
    ``Cached``, a stage that had nothing to do ``Skipped``.

    For that a state is given back, which Prefect unwraps for whoever asks for the task's result.
    """
    with reporting(ProgressArtifact(current_reporter())):
        result = call()
    if result.run.skipped:
        return cast(StageResult, Completed(name="Skipped", message=result.run.skipped, data=result))
    if not result.run.cached:
        return result
    return cast(
        StageResult, Completed(name="Cached", message="Kept from an earlier run", data=result)
    )


def guarded(workspace: Workspace) -> Workspace:
    """A workspace in which whoever uses a device holds one of its slots, of which `trax prefect
    setup` makes some.
    """

    def slot(device: str) -> AbstractContextManager[None]:
        reporter, notes = current_reporter(), iter((f"waiting for a slot of {device}",))

        def waiting() -> None:
            if is_stopped():
                raise Cancelled(f"stopped while it waited for a slot of {device}")
            for note in notes:
                reporter.noted(note)

        return device_slot(device, waiting)

    return replace(workspace, slot=slot)


class ProgressArtifact:
    """Passes reports on, and keeps a progress bar in the Prefect UI for a stage that takes more
    than some seconds.
    """

    def __init__(self, inner: Reporter) -> None:
        self._inner = inner
        self._log = get_run_logger()
        self._artifact: UUID | None = None
        self._last = time.monotonic()

    def started(self, stage: str) -> None:
        """A stage begins."""
        self._inner.started(stage)

    def advanced(self, stage: str, share: float) -> None:
        """A stage has done *share* of its work."""
        self._inner.advanced(stage, share)
        if time.monotonic() - self._last >= _EVERY:
            self._tried(stage, share)

    def finished(self, run: StageRun) -> None:
        """A stage has ended well."""
        self._inner.finished(run)
        if self._artifact is not None:
            self._tried(run.stage, 1.0)

    def failed(self, stage: str, error: BaseException) -> None:
        """A stage has ended badly."""
        self._inner.failed(stage, error)

    def noted(self, message: str) -> None:
        """Something that people want to know: also in the run's log."""
        self._log.info(message)
        self._inner.noted(message)

    def _tried(self, stage: str, share: float) -> None:
        """A server that is away for a moment must not cost a stage its work."""
        try:
            self._show(stage, share)
        except (httpx.HTTPError, PrefectException, RuntimeError) as error:
            _log.warning("progress of %s is not shown: %s", stage, error)

    def _show(self, stage: str, share: float) -> None:
        self._last = time.monotonic()
        percent = round(100 * share, 1)
        if self._artifact is None:
            self._artifact = cast(
                UUID, create_progress_artifact(percent, description=f"{stage} so far")
            )
        else:
            update_progress_artifact(self._artifact, percent)
