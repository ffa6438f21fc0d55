"""Annotation as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient(
    "annotate", "Let a language model write about the transcript: summary, chapters, translation."
)
def annotate(job: Job, merged: StageResult, turns: StageResult) -> StageResult:
    """Annotate a merged transcript."""
    return stage(lambda: pipeline.annotate(process_workspace(), job, merged, turns))
