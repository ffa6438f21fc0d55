"""Enhancement as a task."""

from tasks.policy import resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient("enhance", "Let a language model correct what was misheard, within guards.")
def enhance(job: Job, spoken: StageResult) -> StageResult:
    """Enhance what was recognised."""
    return stage(lambda: pipeline.enhance(process_workspace(), job, spoken))
