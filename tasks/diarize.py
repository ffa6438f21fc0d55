"""Diarization as a task."""

from prefect import task

from tasks.policy import RETRIES, RETRY_DELAYS, if_transient, stage
from trax import pipeline
from trax.diarization import DiarizationOptions
from trax.pipeline import StageResult
from trax.settings import process_workspace


@task(
    name="diarize",
    description="Tell who speaks when.",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=if_transient,
    tags=["gpu"],
)
def diarize(audio: StageResult, options: DiarizationOptions) -> StageResult:
    """Diarize one ingested recording."""
    return stage(lambda: pipeline.diarize(process_workspace(), audio, options))
