"""The stages of transcription as tasks."""

from typing import Any

from prefect import Task

from tasks.policy import resilient, shown, with_slots
from trax.compose import process_workspace
from trax.pipelines.transcribe import TRANSCRIBE
from trax.work.graph import Stage
from trax.work.running import run_stage
from trax.work.values import Job, StageResult


def stage_task(stage: Stage) -> Task[..., StageResult]:
    """The task that runs *stage*; called with a job, and each result that it reads by its role."""

    def run(job: Job[Any], **inputs: StageResult) -> StageResult:
        workspace = with_slots(process_workspace())
        return shown(job.request.name, lambda: run_stage(stage, workspace, job, inputs))

    run.__name__ = stage.name
    run.__qualname__ = stage.name
    return resilient(stage.name, stage.summary)(run)


ingest = stage_task(TRANSCRIBE.stage("ingest"))
recognise = stage_task(TRANSCRIBE.stage("recognise"))
diarize = stage_task(TRANSCRIBE.stage("diarize"))
enhance = stage_task(TRANSCRIBE.stage("enhance"))
merge = stage_task(TRANSCRIBE.stage("merge"))
annotate = stage_task(TRANSCRIBE.stage("annotate"))
publish = stage_task(TRANSCRIBE.stage("publish"))
