"""Ingest as a task."""

from pathlib import Path

from prefect import task

from tasks.policy import RETRIES, RETRY_DELAYS, if_transient, stage
from trax import pipeline
from trax.pipeline import StageResult
from trax.settings import process_workspace


@task(
    name="ingest",
    description="Identify the recording by its bytes; keep it as 16 kHz mono lossless audio.",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=if_transient,
    tags=["cpu"],
)
def ingest(recording: str) -> StageResult:
    """Ingest the file at the path *recording*."""
    return stage(lambda: pipeline.ingest(process_workspace(), Path(recording)))
