"""Ingest as a task."""

from tasks.policy import resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient("ingest", "Keep the recording as 16 kHz mono lossless audio.")
def ingest(job: Job) -> StageResult:
    """Ingest a job's recording."""
    return stage(lambda: pipeline.ingest(process_workspace(), job))
