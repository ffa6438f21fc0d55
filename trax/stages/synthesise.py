"""Synthesise: every utterance in its new voice, a take at a time."""

from dataclasses import dataclass
from pathlib import Path

from trax.progress import Progress
from trax.stages.files import written
from trax.stages.listening import listened
from trax.stages.narration import narrators
from trax.stages.replacement import RevoiceOptions
from trax.stages.takes import SAYING, Take, take
from trax.transcript.codec import to_json
from trax.voice.saying import ways
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """The first take of each utterance, by the utterance's id."""

    takes: dict[str, Take]


def _prepare(
    workspace: Workspace, job: Job[RevoiceOptions], *, selection: StageResult, voices: StageResult
) -> StageWork:
    """Say every utterance in its new voice, in the time that its words took.

    Outputs: ``takes.json`` (`Takes`), and the speech of each take, which is a checkpoint of its
    own.

    Raises:
        NotFound: there is no such voice.
        InvalidOption: the language is not spoken, or a reference has too little speech.
    """
    chosen = listened(workspace, selection, voices)
    speaking = narrators(workspace, job, chosen)

    def make(folder: Path, progress: Progress) -> Outputs:
        takes: dict[str, Take] = {}
        for done, utterance in enumerate(chosen.utterances):
            progress(done / len(chosen.utterances))
            narrator = speaking[utterance.speaker]
            way = ways(job.options.again.get(utterance.id, 0))[0]
            takes[utterance.id] = take(workspace, job, utterance, chosen.language, narrator, way)
        file = written(folder / "takes.json", to_json(Takes(takes=takes)))
        speech = {f"{name}.flac": each.speech for name, each in takes.items()}
        return {"takes.json": file, **speech}

    engines = sorted({voice.fingerprint for voice in speaking.values()})
    inputs = {
        "selection": selection.digest,
        "sounds": voices.outputs["stems.json"].sha256,
        "voices": {label: voice.fingerprint for label, voice in speaking.items()},
        "again": job.options.again,
    }
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=selection.run.audio_seconds,
        engine=", ".join(engines),
    )


SYNTHESISE = Stage(
    name=SAYING,
    version=2,
    summary="Say every utterance in its new voice.",
    prepare=_prepare,
    where="device",
)
