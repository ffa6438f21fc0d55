"""Recognise: speech to timed words."""

from pathlib import Path

from trax.progress import Progress
from trax.stages.files import stored_audio, written
from trax.stages.options import TranscribeOptions
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(workspace: Workspace, job: Job[TranscribeOptions], *, audio: StageResult) -> StageWork:
    """Turn the speech of an ingested recording into timed words. Output: ``recognition.json``."""
    options = job.options.recognition
    engine = workspace.engines.recogniser(options)
    stored = stored_audio(workspace, audio)

    def make(folder: Path, progress: Progress) -> Outputs:
        recognition = engine.recognise(stored, options, progress)
        file = written(folder / "recognition.json", to_json(recognition))
        return {"recognition.json": file}

    # The model's name does not decide the result, its fingerprint does.
    inputs = {
        "audio": audio.outputs["audio"].sha256,
        "options": options.model_dump(mode="json", exclude={"model"}),
        "engine": engine.fingerprint,
    }
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=stored.duration,
        engine=engine.fingerprint,
    )


RECOGNISE = Stage(
    name="recognise",
    version=2,
    summary="Turn speech into timed words with confidence.",
    prepare=_prepare,
    where="device",
)
