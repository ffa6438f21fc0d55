"""How every stage runs under Prefect: with progress to see, retried only if that may help."""

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
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.context import TaskRunContext
from prefect.exceptions import PrefectException
from prefect.states import Completed

from tasks.ending import failed
from trax.errors import Cancelled, TraxError
from trax.orchestration.slots import device_slot
from trax.progress import (
    Advanced,
    Event,
    Finished,
    Noted,
    NowAndThen,
    Reporter,
    current_reporter,
    is_stopped,
    reporting,
)
from trax.work.retry import RETRY_DELAYS, is_transient
from trax.work.values import StageResult
from trax.work.workspace import Workspace

Params = ParamSpec("Params")
Result = TypeVar("Result")

_log = logging.getLogger("trax")
_EVERY = 5.0  # seconds between updates of a progress artifact, which cost both sides time


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

    It has no tags: for each of them Prefect would ask the server for a slot. It has no cache of
    Prefect's either, whose key is the function's source and arguments, alike for many stages:
    checkpoints are the only cache.
    """
    return task(
        name=name,
        description=description,
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=RETRY_DELAYS,
        retry_condition_fn=if_transient,
        result_serializer="json",
        cache_policy=NO_CACHE,
    )


def shown(recording: str, call: Callable[[], StageResult]) -> StageResult:
    """Run a stage with its progress in the UI, which names the *recording*.

    A result from a checkpoint makes the state ``Cached``, a stage that had nothing to do
    ``Skipped``; an error's sentence is the message of a failed one. For that a state is returned,
    which Prefect unwraps for whoever asks for the task's result.
    """
    try:
        with reporting(ProgressArtifact(recording, current_reporter())):
            result = call()
    except TraxError as error:
        return cast(StageResult, failed(error))
    if result.run.skipped:
        skipped: State[Any] = Completed(name="Skipped", message=result.run.skipped, data=result)
        return cast(StageResult, skipped)
    if result.run.cached:
        cached: State[Any] = Completed(
            name="Cached", message="Kept from an earlier run", data=result
        )
        return cast(StageResult, cached)
    return result


def with_slots(workspace: Workspace) -> Workspace:
    """A workspace in which stages hold a slot of the device they use, if the server limits it."""

    def slot(device: str) -> AbstractContextManager[None]:
        say = NowAndThen()

        def waiting() -> None:
            if is_stopped():
                raise Cancelled(f"stopped while it waited for a slot of {device}")
            say(f"waiting for a slot of {device}")

        return device_slot(device, waiting)

    return replace(workspace, slot=slot)


class RunLog:
    """Passes events on, and writes what people should know into the log of the flow run; a task has
    a log of its own.
    """

    def __init__(self, outer: Reporter) -> None:
        self._outer = outer
        self._log = get_run_logger()

    def __call__(self, event: Event) -> None:
        """Pass an event on, and write down a note."""
        self._outer(event)
        if isinstance(event, Noted) and TaskRunContext.get() is None:
            self._log.info(event.message)


class ProgressArtifact:
    """Passes events on, and keeps a progress bar in the UI for a stage that takes some seconds."""

    def __init__(self, recording: str, outer: Reporter) -> None:
        self._recording = recording
        self._outer = outer
        self._log = get_run_logger()
        self._artifact: UUID | None = None
        self._last = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Show an event, and pass it on."""
        self._outer(event)
        match event:
            case Advanced(stage, share):
                if time.monotonic() - self._last >= _EVERY:
                    self._try_to_show(stage, share)
            case Finished(run):
                if self._artifact is not None:
                    self._try_to_show(run.stage, 1.0)
            case Noted(message):
                self._log.info(message)

    def _try_to_show(self, stage: str, share: float) -> None:
        """Show progress; a server that is away for a moment must not cost a stage its work."""
        try:
            self._show(stage, share)
        except (httpx.HTTPError, PrefectException, RuntimeError) as error:
            _log.warning("progress of %s is not shown: %s", stage, error)

    def _show(self, stage: str, share: float) -> None:
        self._last = time.monotonic()
        percent = round(100 * share, 1)
        if self._artifact is None:
            description = f"{self._recording}: {stage} so far"
            self._artifact = cast(UUID, create_progress_artifact(percent, description=description))
        else:
            update_progress_artifact(self._artifact, percent)
