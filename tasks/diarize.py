"""Diarization as a task."""

from tasks.policy import guarded, resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient("diarize", "Tell who speaks when.")
def diarize(job: Job, audio: StageResult) -> StageResult:
    """Diarize one ingested recording."""
    return stage(lambda: pipeline.diarize(guarded(process_workspace()), job, audio))
