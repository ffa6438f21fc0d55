"""Recognition as a task."""

from tasks.policy import guarded, resilient, stage
from trax.compose import process_workspace
from trax.stages import all as pipeline
from trax.work.job import Job
from trax.work.running import StageResult


@resilient("recognise", "Turn speech into timed words with confidence.")
def recognise(job: Job, audio: StageResult) -> StageResult:
    """Recognise one ingested recording."""
    return stage(lambda: pipeline.recognise(guarded(process_workspace()), job, audio))
