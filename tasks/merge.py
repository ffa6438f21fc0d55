"""Merging as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient("merge", "Join words and speaker turns to one transcript.")
def merge(job: Job, audio: StageResult, spoken: StageResult, turns: StageResult) -> StageResult:
    """Merge what was said with who spoke."""
    return stage(lambda: pipeline.merge(process_workspace(), job, audio, spoken, turns))
