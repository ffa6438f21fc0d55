"""Ingest as a task."""

from pathlib import Path

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import StageResult
from trax.settings import process_workspace


@resilient("ingest", "Identify the recording by its bytes; keep it as 16 kHz mono lossless audio.", "cpu")
def ingest(recording: str) -> StageResult:
    """Ingest the file at the path *recording*."""
    return stage(lambda: pipeline.ingest(process_workspace(), Path(recording)))
