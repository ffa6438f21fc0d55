"""Recognition as a task."""

from tasks.policy import guarded, resilient, stage
from trax import pipeline
from trax.pipeline import Job, StageResult
from trax.settings import process_workspace


@resilient("recognise", "Turn speech into timed words with confidence.")
def recognise(job: Job, audio: StageResult) -> StageResult:
    """Recognise one ingested recording."""
    return stage(lambda: pipeline.recognise(guarded(process_workspace()), job, audio))
