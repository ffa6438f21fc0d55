"""A recording to a transcript that says who said what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from trax.pipelines.jobs import identify_job, request_of
from trax.pipelines.runner import run_stages
from trax.progress import StageRun
from trax.stages.annotate import ANNOTATE
from trax.stages.diarize import DIARIZE
from trax.stages.enhance import ENHANCE
from trax.stages.ingest import INGEST
from trax.stages.merge import MERGE
from trax.stages.options import TranscribeOptions
from trax.stages.publish import PUBLISH
from trax.stages.recognise import RECOGNISE
from trax.store import JobRequest, ObjectRef
from trax.transcript import Transcript
from trax.work.graph import Pipeline
from trax.work.hold import holding
from trax.work.patient import patient
from trax.work.running import load
from trax.work.values import Job, Results
from trax.work.workspace import Workspace

TRANSCRIBE = Pipeline(
    name="transcribe",
    options=TranscribeOptions,
    stages=(
        INGEST,
        RECOGNISE.reading(audio="ingest"),
        DIARIZE.reading(audio="ingest"),
        ENHANCE.reading(words="recognise"),
        MERGE.reading(audio="ingest", words="enhance", turns="diarize"),
        ANNOTATE.reading(transcript="merge", turns="diarize"),
        PUBLISH.reading(transcript="annotate"),
    ),
)


def _stage_name(name: str) -> str:
    if name not in TRANSCRIBE.names:
        raise ValueError(f"stages are {', '.join(TRANSCRIBE.names)}")
    return name


StageName = Annotated[
    str,
    AfterValidator(_stage_name),
    WithJsonSchema({"type": "string", "enum": list(TRANSCRIBE.names)}),
]
"""Name of one of the stages, to choose from in a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job leaves.

    Attributes:
        transcript_id: id of the transcript.
        transcript: the document.
        exports: one a format, by its name.
        runs: how each stage went, in the pipeline's order.
    """

    job_id: str
    transcript_id: str
    transcript: ObjectRef
    exports: dict[str, ObjectRef]
    runs: tuple[StageRun, ...]


def identify(
    workspace: Workspace,
    source: Path | str,
    options: TranscribeOptions,
    redo_from: str | None = None,
    account: str = "",
) -> Job[TranscribeOptions]:
    """The job that transcribes *source* with *options*.

    Args:
        source: a path, or ``s3://bucket/key`` on the S3 server that is configured.
        redo_from: a stage; its kept result, and those of the stages after it, are not used.
        account: whose it is; empty if it is nobody's.

    Raises:
        UnreadableAudio: there is no such file, or it cannot be read.
        LimitExceeded: it is larger than allowed.
        InvalidOption: there is no such stage.
    """
    return identify_job(TRANSCRIBE, workspace, source, options, redo_from, account)


def job_request(
    place: str, sha256: str, size_bytes: int, options: TranscribeOptions, account: str = ""
) -> JobRequest:
    """The request to transcribe, with *options*, the recording whose bytes lie at *place*.

    Args:
        account: whose it is; empty if it is nobody's.
    """
    return request_of(TRANSCRIBE, place, sha256, size_bytes, options, account)


def transcribe(
    workspace: Workspace,
    source: Path | str,
    options: TranscribeOptions,
    redo_from: str | None = None,
) -> JobResult:
    """Take one recording through all stages in plain Python.

    One process at a time works on the same recording with the same options: others wait, and take
    its results.

    Args:
        redo_from: a stage; its kept result, and those of the stages after it, are not used.

    Raises:
        TraxError: what went wrong; finished stages are kept, and the next try continues after them.
    """
    job = identify(workspace, source, options, redo_from)
    with holding(workspace, job):
        results = run_stages(TRANSCRIBE, workspace, job)
        return job_result(workspace, job, results)


def job_result(workspace: Workspace, job: Job[TranscribeOptions], results: Results) -> JobResult:
    """What a job leaves, from its stages' results."""
    published = results[PUBLISH.name]
    transcript = load(patient(workspace), Transcript, published, "transcript.json")
    exports = {name: made for name, made in published.outputs.items() if not name.endswith(".json")}
    return JobResult(
        job_id=job.id,
        transcript_id=transcript.id,
        transcript=published.outputs["transcript.json"],
        exports=exports,
        runs=tuple(results[name].run for name in TRANSCRIBE.names),
    )
