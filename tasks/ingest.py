"""Ingest as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient("ingest", "Keep the recording as 16 kHz mono lossless audio.")
def ingest(job: Job) -> StageResult:
    """Ingest a job's recording."""
    return stage(lambda: pipeline.ingest(process_workspace(), job))
