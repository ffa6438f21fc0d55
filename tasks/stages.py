"""The stages of pipelines as tasks."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from prefect import Task
from prefect.futures import PrefectFuture

from tasks.policy import resilient, shown, with_slots
from trax.compose import process_workspace
from trax.pipelines.adapt import ADAPT
from trax.pipelines.transcribe import TRANSCRIBE
from trax.work.graph import Stage
from trax.work.running import run_stage
from trax.work.values import Job, StageResult

Submitted = asyncio.Task[PrefectFuture[StageResult]]
"""A stage that runs once what it reads is there."""


class StageTask:
    """A stage as a task, which Prefect gets once all is there that it reads: no run of it is left
    pending if a stage before it fails.

    Attributes:
        task: runs the stage; called with a job, and each result that it reads by its role.
    """

    def __init__(self, stage: Stage) -> None:
        def run(job: Job[Any], **inputs: StageResult) -> StageResult:
            workspace = with_slots(process_workspace())
            return shown(job.request.name, lambda: run_stage(stage, workspace, job, inputs))

        run.__name__ = stage.name
        run.__qualname__ = stage.name
        self.task: Task[..., StageResult] = resilient(stage.name, stage.summary)(run)

    def submit(self, job: Job[Any], **inputs: Submitted) -> Submitted:
        """Have the stage run once *inputs* have ended well, whose roles they have."""
        return asyncio.create_task(self._run(job, inputs))

    async def _run(self, job: Job[Any], inputs: dict[str, Submitted]) -> PrefectFuture[StageResult]:
        ready = {role: await each for role, each in inputs.items()}
        future = self.task.submit(job, **ready)
        await _ended(future)
        await asyncio.to_thread(future.result)
        return future


async def results_of(submitted: Sequence[Submitted]) -> list[StageResult]:
    """The results of stages, once all have ended.

    Raises:
        TraxError: the error of the first of them that failed.
    """
    try:
        ended = await asyncio.gather(*submitted, return_exceptions=True)
    except asyncio.CancelledError:
        for each in submitted:
            each.cancel()
        raise
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    return [await asyncio.to_thread(each.result().result) for each in submitted]


async def _ended(future: PrefectFuture[Any]) -> None:
    """Wait for a future without a thread of its own."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def tell(_future: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(over.set)

    future.add_done_callback(tell)
    await over.wait()


ingest = StageTask(TRANSCRIBE.stage("ingest"))
recognise = StageTask(TRANSCRIBE.stage("recognise"))
diarize = StageTask(TRANSCRIBE.stage("diarize"))
enhance = StageTask(TRANSCRIBE.stage("enhance"))
merge = StageTask(TRANSCRIBE.stage("merge"))
annotate = StageTask(TRANSCRIBE.stage("annotate"))
publish = StageTask(TRANSCRIBE.stage("publish"))

gather = StageTask(ADAPT.stage("gather"))
train = StageTask(ADAPT.stage("train"))
judge = StageTask(ADAPT.stage("judge"))
install = StageTask(ADAPT.stage("install"))
