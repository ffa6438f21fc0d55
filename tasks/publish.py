"""Publishing as a task."""

from collections.abc import Sequence

from prefect import task

from tasks.policy import RETRIES, RETRY_DELAYS, if_transient, stage
from trax import pipeline
from trax.pipeline import StageResult
from trax.settings import process_workspace


@task(
    name="publish",
    description="Keep the transcript in the database and write it in every format.",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=if_transient,
    tags=["cpu"],
)
def publish(merged: StageResult, formats: Sequence[str], earlier: Sequence[StageResult]) -> StageResult:
    """Publish a merged transcript; *earlier* says how the stages before went."""
    return stage(lambda: pipeline.publish(process_workspace(), merged, formats, [result.run for result in earlier]))
