"""Publishing as a task."""

from collections.abc import Sequence

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import StageResult
from trax.settings import process_workspace


@resilient("publish", "Keep the transcript in the database and write it in every format.", "cpu")
def publish(merged: StageResult, formats: Sequence[str], earlier: Sequence[StageResult]) -> StageResult:
    """Publish a merged transcript; *earlier* says how the stages before went."""
    return stage(lambda: pipeline.publish(process_workspace(), merged, formats, [result.run for result in earlier]))
