"""Enhancement as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient("enhance", "Let a language model correct what was misheard, within guards.")
def enhance(job: Job, spoken: StageResult) -> StageResult:
    """Enhance what was recognised."""
    return stage(lambda: pipeline.enhance(process_workspace(), job, spoken))
