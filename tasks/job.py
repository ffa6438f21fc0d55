"""A flow run's hold on its job."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from trax.compose import process_workspace
from trax.errors import EngineError
from trax.progress import reporting
from trax.stages.options import TranscribeOptions
from trax.work.failure import render_failure
from trax.work.hold import begin
from trax.work.job import Job, identify

MOST_STARTS = 4
"""How often a run may begin, crashes and suspensions included: one that takes its process down
would do so for ever.
"""


@asynccontextmanager
async def working_on(
    recording: str, options: TranscribeOptions, redo_from: str | None
) -> AsyncIterator[Job]:
    """The job that transcribes *recording*, a path or ``s3://bucket/key``, held until the block
    ends.

    Waits while another process has it. A failure leaves its report in the job's row and as an
    artifact.
    """
    if (starts := flow_run.get_run_count() or 0) > MOST_STARTS:
        raise EngineError(
            f"its process went away {starts - 1} times; the last logs of this run may say why"
        )
    workspace = process_workspace()
    job = await asyncio.to_thread(identify, workspace, recording, options, redo_from)
    work, stop = (
        await asyncio.to_thread(begin, workspace, job, flow_run.get_id() or ""),
        threading.Event(),
    )
    try:
        with reporting(work, stop):
            yield job
    except Exception as error:
        report = await asyncio.to_thread(work.end, error)
        if report is not None:
            key = f"failure-{job.request.recording_sha256[:8]}"
            await acreate_markdown_artifact(
                render_failure(report.to_dict()), key=key, description="Why it failed"
            )
        raise
    except BaseException as error:  # the run is being torn down: nothing may be awaited any more
        stop.set()  # stages end at their next step, here and in the engine
        work.end(error)
        raise
    await asyncio.to_thread(work.end)
