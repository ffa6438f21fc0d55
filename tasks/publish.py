"""Publishing as a task."""

from tasks.policy import resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient("publish", "Keep the transcript in the database and write it in every format.")
def publish(job: Job, merged: StageResult) -> StageResult:
    """Publish a merged transcript."""
    return stage(lambda: pipeline.publish(process_workspace(), job, merged))
