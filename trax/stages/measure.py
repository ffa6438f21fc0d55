"""Measure: how much is said, and how fast."""

import json
from pathlib import Path

from trax.progress import Progress
from trax.stages.files import written
from trax.stages.options import TranscribeOptions
from trax.transcript import Transcript
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(
    workspace: Workspace, _job: Job[TranscribeOptions], *, transcript: StageResult
) -> StageWork:
    """Count words and minutes of a transcript. Output: ``pace.json``."""

    def make(folder: Path, _progress: Progress) -> Outputs:
        document = load(workspace, Transcript, transcript, "transcript.json")
        minutes = document.recording.duration / 60
        pace = {"words": len(document.words), "minutes": minutes}
        return {"pace.json": written(folder / "pace.json", json.dumps(pace).encode())}

    return StageWork(
        inputs={"transcript": transcript.digest},
        make=make,
        audio_seconds=transcript.run.audio_seconds,
    )


MEASURE = Stage(
    name="measure",
    version=1,
    summary="Count words and minutes.",
    prepare=_prepare,
)
