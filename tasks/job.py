"""A flow run's hold on its job."""

import asyncio
import hashlib
import re
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from tasks.policy import RunLog
from trax.compose import process_workspace
from trax.errors import EngineError, TraxError
from trax.orchestration.recovery import MOST_STARTS
from trax.pipelines.forgotten import check_kept
from trax.pipelines.revoice import identify_revoicing
from trax.pipelines.transcribe import identify
from trax.progress import current_reporter, reporting
from trax.service.checks import checked_options, checked_revoicing
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import RevoiceOptions
from trax.work.failure import FailureReport, refusal_report, render_failure
from trax.work.hold import take
from trax.work.values import Job, Options

_DIGEST = re.compile(r"[0-9a-f]{12,64}$")


@asynccontextmanager
async def working_on(
    recording: str,
    options: Mapping[str, Any] | TranscribeOptions,
    redo_from: str | None,
    account: str = "",
) -> AsyncIterator[Job[TranscribeOptions]]:
    """The job that transcribes *recording*, held until the block ends, as `held_job` does.

    Args:
        recording: a path, or ``s3://bucket/key``.
        options: as the form has them, to be checked, or checked already.
        account: whose job it is; empty if it is nobody's.
    """

    def found() -> Job[TranscribeOptions]:
        chosen = checked_options(options, load_settings())
        return identify(process_workspace(), recording, chosen, redo_from, account)

    async with held_job(recording, found) as job:
        yield job


@asynccontextmanager
async def revoicing(
    recording: str,
    options: Mapping[str, Any] | RevoiceOptions,
    redo_from: str | None,
    account: str = "",
) -> AsyncIterator[Job[RevoiceOptions]]:
    """The job that replaces voices in *recording*, held until the block ends; the arguments are
    those of `working_on`.
    """

    def found() -> Job[RevoiceOptions]:
        chosen = checked_revoicing(options, load_settings())
        return identify_revoicing(process_workspace(), recording, chosen, redo_from, account)

    async with held_job(recording, found) as job:
        await asyncio.to_thread(check_kept, process_workspace(), job)
        try:
            yield job
        except Exception:
            await asyncio.to_thread(check_kept, process_workspace(), job)
            raise
        await asyncio.to_thread(check_kept, process_workspace(), job)


@asynccontextmanager
async def held_job(
    recording: str, identified: Callable[[], Job[Options]]
) -> AsyncIterator[Job[Options]]:
    """The job that *identified* gives, held until the block ends.

    Waits while another process has it. A failure leaves its report in the job's row and as an
    artifact; what cannot be a job leaves the artifact.

    Args:
        recording: what it is about, for people.
    """
    starts = flow_run.get_run_count() or 0
    if starts > MOST_STARTS:
        raise EngineError(
            f"its process went away {starts - 1} times; the last logs of this run may say why"
        )
    workspace = process_workspace()
    stop = threading.Event()  # threads do not end with the run that waits for them
    try:
        with reporting(RunLog(current_reporter()), stop):
            job = await asyncio.to_thread(identified)
            hold = await asyncio.to_thread(take, workspace, job, flow_run.get_id() or "")
    except TraxError as error:
        await _show_failure(refusal_report(recording, error), recording)
        raise
    except BaseException:
        stop.set()
        raise
    try:
        with reporting(hold, hold.stop):
            yield job
    except Exception as error:
        report = await asyncio.to_thread(hold.end, error)
        if report is not None:
            await _show_failure(report, job.request.recording_sha256 or job.id)
        raise
    except BaseException as error:  # the run is being torn down: nothing may be awaited any more
        hold.stop.set()  # stages end at their next step, here and in the engine
        hold.end(error)
        raise
    await asyncio.to_thread(hold.end)


async def _show_failure(report: FailureReport, subject: str) -> None:
    """Leave a report under a key of its *subject*: a digest, or where a recording lies."""
    if not _DIGEST.match(subject):
        subject = hashlib.sha256(subject.encode(errors="replace")).hexdigest()
    description = f"{report.recording}: why it failed"
    text = render_failure(report.to_dict())
    await acreate_markdown_artifact(text, key=f"failure-{subject[:8]}", description=description)
