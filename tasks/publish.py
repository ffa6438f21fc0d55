"""Publishing as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient("publish", "Keep the transcript in the database and write it in every format.")
def publish(job: Job, merged: StageResult) -> StageResult:
    """Publish a merged transcript."""
    return stage(lambda: pipeline.publish(process_workspace(), job, merged))
