"""The whole job in plain Python, for where no Prefect is wanted."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

from trax.pipeline.options import TranscribeOptions
from trax.pipeline.stages import StageResult, diarize, ingest, load, merge, publish, recognise
from trax.pipeline.workspace import Workspace
from trax.store import ObjectRef, StageRun
from trax.transcript import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job leaves.

    Attributes:
        transcript_id: what the transcript is called.
        transcript: the document.
        exports: one a format, by its name.
        runs: how each stage went.
    """

    transcript_id: str
    transcript: ObjectRef
    exports: dict[str, ObjectRef]
    runs: tuple[StageRun, ...]


def transcribe(workspace: Workspace, source: Path, options: TranscribeOptions) -> JobResult:
    """One recording through all stages; recognition and diarization run at the same time.

    Raises:
        TraxError: what went wrong; finished stages are kept, and the next try begins after them.
    """
    audio = ingest(workspace, source)
    with ThreadPoolExecutor(2) as pool:
        words = pool.submit(_in_context(lambda: recognise(workspace, audio, options.recognition)))
        turns = pool.submit(_in_context(lambda: diarize(workspace, audio, options.diarization)))
        spoken, heard = words.result(), turns.result()
    merged = merge(workspace, audio, spoken, heard, source.name, options)
    published = publish(workspace, merged, options.formats, [result.run for result in (audio, spoken, heard, merged)])
    return job_result(workspace, [audio, spoken, heard, merged, published])


def job_result(workspace: Workspace, stages: Sequence[StageResult]) -> JobResult:
    """What a job leaves, from its stages' results in order; the last two are merge and publish."""
    merged, published = stages[-2:]
    return JobResult(
        transcript_id=load(workspace, Transcript, merged, "transcript.json").id,
        transcript=merged.outputs["transcript.json"],
        exports=published.outputs,
        runs=tuple(stage.run for stage in stages),
    )


def _in_context(call: Callable[[], StageResult]) -> Callable[[], StageResult]:
    """*call* in a copy of this thread's context, so that it reports to the same reporter."""
    context = copy_context()
    return lambda: context.run(call)
