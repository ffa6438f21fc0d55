"""Diarization as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.diarization import DiarizationOptions
from trax.pipeline import StageResult
from trax.settings import process_workspace


@resilient("diarize", "Tell who speaks when.", "gpu")
def diarize(audio: StageResult, options: DiarizationOptions) -> StageResult:
    """Diarize one ingested recording."""
    return stage(lambda: pipeline.diarize(process_workspace(), audio, options))
