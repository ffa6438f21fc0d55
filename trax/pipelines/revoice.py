"""A recording with speakers' words spoken again in other voices."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from trax.pipelines.jobs import identify_job
from trax.pipelines.runner import run_stages
from trax.progress import StageRun
from trax.stages.check import CHECK
from trax.stages.diarize import DIARIZE
from trax.stages.enhance import ENHANCE
from trax.stages.ingest import INGEST
from trax.stages.merge import MERGE
from trax.stages.recognise import RECOGNISE
from trax.stages.reconstruct import RECONSTRUCT
from trax.stages.replacement import RevoiceOptions
from trax.stages.select import SELECT
from trax.stages.separate import SEPARATE
from trax.stages.synthesise import SYNTHESISE
from trax.store import ObjectRef
from trax.transcript.codec import from_json
from trax.voice.report import Report
from trax.voice.selection import Selection
from trax.work.graph import Pipeline, Stage
from trax.work.hold import holding
from trax.work.patient import patient
from trax.work.running import load
from trax.work.values import Job, Results, StageResult, StageWork
from trax.work.workspace import Workspace


def transcribing(stage: Stage) -> Stage:
    """A stage of transcription, with the options that are given for that: its results are those of
    a transcription with the same options.
    """

    def prepare(workspace: Workspace, job: Job[RevoiceOptions], **inputs: StageResult) -> StageWork:
        options: Any = job.options.transcription
        return stage.prepare(workspace, replace(job, options=options), **inputs)

    return replace(stage, prepare=prepare)


REVOICE = Pipeline(
    name="revoice",
    options=RevoiceOptions,
    stages=(
        transcribing(INGEST),
        transcribing(RECOGNISE).reading(audio="ingest"),
        transcribing(DIARIZE).reading(audio="ingest"),
        transcribing(ENHANCE).reading(words="recognise"),
        transcribing(MERGE).reading(audio="ingest", words="enhance", turns="diarize"),
        SELECT.reading(transcript="merge"),
        SEPARATE.reading(selection="select"),
        SYNTHESISE.reading(selection="select", voices="separate"),
        CHECK.reading(selection="select", voices="separate", takes="synthesise"),
        RECONSTRUCT.reading(selection="select", voices="separate", checked="check"),
    ),
)

SELECTING = replace(REVOICE, stages=REVOICE.stages[: REVOICE.names.index(SELECT.name) + 1])
"""Its stages up to the selection, to be looked at before anything is said."""


def _stage_name(name: str) -> str:
    if name not in REVOICE.names:
        raise ValueError(f"stages are {', '.join(REVOICE.names)}")
    return name


RevoiceStage = Annotated[
    str,
    AfterValidator(_stage_name),
    WithJsonSchema({"type": "string", "enum": list(REVOICE.names)}),
]
"""Name of one of the stages, to choose from in a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevoiceResult:
    """What a job leaves.

    Attributes:
        audio: the recording with the new voices.
        video: the same with the recording's picture; ``None`` if it has none.
        report: what was replaced (`Report`, as JSON).
        runs: how each stage went, in the pipeline's order.
    """

    job_id: str
    audio: ObjectRef
    video: ObjectRef | None
    report: ObjectRef
    runs: tuple[StageRun, ...]


def identify_revoicing(
    workspace: Workspace,
    source: Path | str,
    options: RevoiceOptions,
    redo_from: str | None = None,
    account: str = "",
) -> Job[RevoiceOptions]:
    """The job that replaces voices in the recording at *source*; raises as `identify_job` does."""
    return identify_job(REVOICE, workspace, source, options, redo_from, account)


def select(workspace: Workspace, source: Path | str, options: RevoiceOptions) -> Selection:
    """What would be said again, and what would not, before anything is said.

    Raises:
        TraxError: what went wrong; finished stages are kept.
    """
    job = identify_job(SELECTING, workspace, source, options)
    with holding(workspace, job):
        results = run_stages(SELECTING, workspace, job)
        return load(patient(workspace), Selection, results[SELECT.name], "selection.json")


def revoice(
    workspace: Workspace,
    source: Path | str,
    options: RevoiceOptions,
    redo_from: str | None = None,
) -> RevoiceResult:
    """Replace voices in one recording in plain Python.

    Args:
        redo_from: a stage; its kept result, and those of the stages after it, are not used.

    Raises:
        TraxError: what went wrong; finished stages are kept, and the next try continues after them.
    """
    job = identify_revoicing(workspace, source, options, redo_from)
    with holding(workspace, job):
        return revoice_result(job, run_stages(REVOICE, workspace, job))


def revoice_result(job: Job[RevoiceOptions], results: Results) -> RevoiceResult:
    """What a job leaves, from its stages' results."""
    made = {name.partition(".")[0]: ref for name, ref in results[RECONSTRUCT.name].outputs.items()}
    return RevoiceResult(
        job_id=job.id,
        audio=made["audio"],
        video=made.get("video"),
        report=made["report"],
        runs=tuple(results[name].run for name in REVOICE.names),
    )


def report_of(workspace: Workspace, result: RevoiceResult) -> Report:
    """What was replaced."""
    data = patient(workspace).objects.local_path(result.report).read_bytes()
    return from_json(Report, data, result.report.key)
