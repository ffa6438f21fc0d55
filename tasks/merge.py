"""Merging as a task."""

from prefect import task

from tasks.policy import RETRIES, RETRY_DELAYS, if_transient, stage
from trax import pipeline
from trax.pipeline import StageResult, TranscribeOptions
from trax.settings import process_workspace


@task(
    name="merge",
    description="Join words and speaker turns to one transcript.",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=if_transient,
    tags=["cpu"],
)
def merge(
    audio: StageResult, spoken: StageResult, turns: StageResult, name: str, options: TranscribeOptions
) -> StageResult:
    """Merge what was said with who spoke; *name* is what the recording is called."""
    return stage(lambda: pipeline.merge(process_workspace(), audio, spoken, turns, name, options))
