"""Recognition as a task."""

from prefect import task

from tasks.policy import RETRIES, RETRY_DELAYS, if_transient, stage
from trax import pipeline
from trax.asr import RecognitionOptions
from trax.pipeline import StageResult
from trax.settings import process_workspace


@task(
    name="recognise",
    description="Turn speech into timed words with confidence.",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=if_transient,
    tags=["gpu"],
)
def recognise(audio: StageResult, options: RecognitionOptions) -> StageResult:
    """Recognise one ingested recording."""
    return stage(lambda: pipeline.recognise(process_workspace(), audio, options))
