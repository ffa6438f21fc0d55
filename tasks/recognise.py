"""Recognition as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.asr import RecognitionOptions
from trax.pipeline import StageResult
from trax.settings import process_workspace


@resilient("recognise", "Turn speech into timed words with confidence.", "gpu")
def recognise(audio: StageResult, options: RecognitionOptions) -> StageResult:
    """Recognise one ingested recording."""
    return stage(lambda: pipeline.recognise(process_workspace(), audio, options))
