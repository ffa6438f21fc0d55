"""Merging as a task."""

from tasks.policy import resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient("merge", "Join words and speaker turns to one transcript.")
def merge(job: Job, audio: StageResult, spoken: StageResult, turns: StageResult) -> StageResult:
    """Merge what was said with who spoke."""
    return stage(lambda: pipeline.merge(process_workspace(), job, audio, spoken, turns))
