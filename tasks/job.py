"""A flow run's hold on its job."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from tasks.policy import RunLog
from trax.compose import process_workspace
from trax.errors import EngineError
from trax.pipelines.transcribe import identify
from trax.progress import reporting
from trax.stages.options import TranscribeOptions
from trax.work.failure import FailureReport, render_failure
from trax.work.hold import take
from trax.work.values import Job

MOST_STARTS = 4
"""How often a run may begin, crashes and suspensions included: one that takes its process down
would do so for ever.
"""


@asynccontextmanager
async def working_on(
    recording: str, options: TranscribeOptions, redo_from: str | None
) -> AsyncIterator[Job[TranscribeOptions]]:
    """The job that transcribes *recording*, held until the block ends.

    Waits while another process has it. A failure leaves its report in the job's row and as an
    artifact.

    Args:
        recording: a path, or ``s3://bucket/key``.
    """
    starts = flow_run.get_run_count() or 0
    if starts > MOST_STARTS:
        raise EngineError(
            f"its process went away {starts - 1} times; the last logs of this run may say why"
        )
    workspace = process_workspace()
    stop = threading.Event()  # threads do not end with the run that waits for them
    try:
        with reporting(RunLog(), stop):
            job = await asyncio.to_thread(identify, workspace, recording, options, redo_from)
            hold = await asyncio.to_thread(take, workspace, job, flow_run.get_id() or "")
    except BaseException:
        stop.set()
        raise
    try:
        with reporting(hold, hold.stop):
            yield job
    except Exception as error:
        report = await asyncio.to_thread(hold.end, error)
        if report is not None:
            await _show_failure(job, report)
        raise
    except BaseException as error:  # the run is being torn down: nothing may be awaited any more
        hold.stop.set()  # stages end at their next step, here and in the engine
        hold.end(error)
        raise
    await asyncio.to_thread(hold.end)


async def _show_failure(job: Job[TranscribeOptions], report: FailureReport) -> None:
    key = f"failure-{(job.request.recording_sha256 or job.id)[:8]}"
    text = render_failure(report.to_dict())
    await acreate_markdown_artifact(text, key=key, description=f"{job.request.name}: why it failed")
