"""Diarization as a task."""

from tasks.policy import guarded, resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient("diarize", "Tell who speaks when.")
def diarize(job: Job, audio: StageResult) -> StageResult:
    """Diarize one ingested recording."""
    return stage(lambda: pipeline.diarize(guarded(process_workspace()), job, audio))
