"""Merging as a task."""

from tasks.policy import resilient, stage
from trax import pipeline
from trax.pipeline import StageResult, TranscribeOptions
from trax.settings import process_workspace


@resilient("merge", "Join words and speaker turns to one transcript.", "cpu")
def merge(
    audio: StageResult, spoken: StageResult, turns: StageResult, name: str, options: TranscribeOptions
) -> StageResult:
    """Merge what was said with who spoke; *name* is what the recording is called."""
    return stage(lambda: pipeline.merge(process_workspace(), audio, spoken, turns, name, options))
