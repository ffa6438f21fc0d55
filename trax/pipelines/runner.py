"""A pipeline in plain Python: each stage in a thread, as soon as the results it reads are there."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from trax.pipelines.forgotten import unless_forgotten
from trax.work.graph import Pipeline, Stage
from trax.work.retry import with_retries
from trax.work.running import run_stage
from trax.work.values import Job, Results, StageResult
from trax.work.workspace import Workspace


def run_stages(pipeline: Pipeline[Any], workspace: Workspace, job: Job[Any]) -> Results:
    """Run every stage of a job, those that do not wait for each other at the same time.

    Raises:
        TraxError: the error of the first stage, in the pipeline's order, that failed; finished
            stages are kept.
        InvalidOption: a voice of the job was forgotten meanwhile; what it made is removed.
    """
    futures: dict[str, Future[StageResult]] = {}

    def run(stage: Stage) -> StageResult:
        inputs = {role: futures[name].result() for role, name in stage.reads.items()}
        return with_retries(lambda: run_stage(stage, workspace, job, inputs))

    with (
        unless_forgotten(workspace, job),
        ThreadPoolExecutor(len(pipeline.stages), thread_name_prefix=job.id) as pool,
    ):
        for stage in pipeline.stages:
            # In a copy of this thread's context, so that it reports to the same reporter.
            futures[stage.name] = pool.submit(copy_context().run, run, stage)
        return {name: future.result() for name, future in futures.items()}
