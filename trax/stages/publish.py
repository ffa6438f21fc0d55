"""Publish: the transcript in the database, and in every format."""

from pathlib import Path
from typing import Any

from trax import __version__
from trax.export import FORMATS
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.options import TranscribeOptions
from trax.stages.voices import Voices, exports_of, known_voices, voices_key
from trax.transcript import Transcript
from trax.transcript.codec import to_json
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(
    workspace: Workspace, job: Job[TranscribeOptions], *, transcript: StageResult
) -> StageWork:
    """Keep a transcript in the database and write it in every format, with names of known voices.

    Outputs: one a format, by its name; ``transcript.json``, ``voices.json``.
    """
    voices = load(workspace, Voices, transcript, "voices.json")
    known = known_voices(workspace, voices)
    document = load(workspace, Transcript, transcript, "transcript.json").with_voices(known)
    formats = job.options.formats
    number = workspace.repository.save(document, job.id)

    def make(folder: Path, progress: Progress) -> Outputs:
        stored = workspace.objects.put_bytes(voices_key(document.id), to_json(voices))
        outputs: dict[str, Any] = {
            "transcript.json": written(folder / "transcript.json", to_json(document)),
            "voices.json": stored,
        }
        for done, name in enumerate(formats):
            progress(done / len(formats))
            file = written(folder / name, FORMATS[name].render(document))
            key = f"{exports_of(document.id)}{number}.{name}"
            outputs[name] = workspace.objects.put_file(key, file)
        return outputs

    inputs = {
        "transcript": transcript.digest,
        "version": number,
        "formats": list(formats),
        "names": {label: voice.name for label, voice in known.items()},
        "trax": __version__,
    }
    return StageWork(inputs=inputs, make=make, audio_seconds=document.recording.duration)


PUBLISH = Stage(
    name="publish",
    version=3,
    summary="Keep the transcript in the database and write it in every format.",
    prepare=_prepare,
)
