"""The whole job in plain Python, for where no Prefect is wanted."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

from trax.progress import StageRun
from trax.stages.all import annotate, diarize, enhance, ingest, merge, publish, recognise
from trax.stages.options import TranscribeOptions
from trax.store import ObjectRef
from trax.transcript import Transcript
from trax.work.hold import working_on
from trax.work.job import Job, identify
from trax.work.retry import patiently
from trax.work.running import StageResult, load
from trax.work.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job leaves.

    Attributes:
        transcript_id: what the transcript is called.
        transcript: the document.
        exports: one a format, by its name.
        runs: how each stage went.
    """

    job_id: str
    transcript_id: str
    transcript: ObjectRef
    exports: dict[str, ObjectRef]
    runs: tuple[StageRun, ...]


def transcribe(
    workspace: Workspace,
    source: Path | str,
    options: TranscribeOptions,
    redo_from: str | None = None,
) -> JobResult:
    """One recording through all stages; recognition and diarization run at the same time.

    The same recording with the same options is done by one process at a time: others wait, and take
    its results. From the stage *redo_from* on, kept results are not used.

    Raises:
        TraxError: what went wrong; finished stages are kept, and the next try begins after them.
    """
    job = identify(workspace, source, options, redo_from)
    with working_on(workspace, job):
        audio = patiently(lambda: ingest(workspace, job))
        with ThreadPoolExecutor(2) as pool:
            turns = pool.submit(_in_context(lambda: diarize(workspace, job, audio)))
            words = pool.submit(_in_context(lambda: recognise(workspace, job, audio)))
            spoken = words.result()
            better = patiently(lambda: enhance(workspace, job, spoken))
            heard = turns.result()
        merged = patiently(lambda: merge(workspace, job, audio, better, heard))
        annotated = patiently(lambda: annotate(workspace, job, merged, heard))
        published = patiently(lambda: publish(workspace, job, annotated))
        return job_result(
            workspace, job, [audio, spoken, heard, better, merged, annotated, published]
        )


def job_result(workspace: Workspace, job: Job, stages: Sequence[StageResult]) -> JobResult:
    """What a job leaves, from its stages' results in order; the last one is publish."""
    published = stages[-1]
    return JobResult(
        job_id=job.id,
        transcript_id=load(workspace, Transcript, published, "transcript.json").id,
        transcript=published.outputs["transcript.json"],
        exports={
            name: made for name, made in published.outputs.items() if not name.endswith(".json")
        },
        runs=tuple(stage.run for stage in stages),
    )


def _in_context(call: Callable[[], StageResult]) -> Callable[[], StageResult]:
    """*call*, tried again where that may help, in a copy of this thread's context: it reports to
    the same reporter.
    """
    context = copy_context()
    return lambda: context.run(patiently, call)
