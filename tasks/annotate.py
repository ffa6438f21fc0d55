"""Annotation as a task."""

from tasks.policy import resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient(
    "annotate", "Let a language model write about the transcript: summary, chapters, translation."
)
def annotate(job: Job, merged: StageResult, turns: StageResult) -> StageResult:
    """Annotate a merged transcript."""
    return stage(lambda: pipeline.annotate(process_workspace(), job, merged, turns))
