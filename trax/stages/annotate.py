"""Annotate: what a language model writes about a transcript."""

from pathlib import Path

from trax import __version__
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.options import TranscribeOptions
from trax.stages.questions import annotated, asked_of, engine_of
from trax.transcript import Diarization, Transcript
from trax.transcript.codec import from_json, to_json
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(
    workspace: Workspace,
    job: Job[TranscribeOptions],
    *,
    transcript: StageResult,
    turns: StageResult,
) -> StageWork:
    """Let a language model write about a transcript, if there is one and it is asked to.

    Outputs: ``transcript.json``, ``voices.json``. A result in which the model left questions
    unanswered serves this run alone.
    """
    options = job.options.enhancement
    tasks = options.tasks_after_merge
    model = workspace.engines.language_model()

    def make(folder: Path, progress: Progress) -> Outputs:
        if model is None or not tasks:
            return transcript.outputs
        document = load(workspace, Transcript, transcript, "transcript.json")
        diarization = load(workspace, Diarization, turns, "diarization.json")
        made = annotated(workspace, job, document, diarization, progress)
        file = written(folder / "transcript.json", to_json(made))
        return {**transcript.outputs, "transcript.json": file}

    inputs = {
        "transcript": transcript.digest,
        "turns": turns.digest,
        "options": options.model_dump(mode="json"),
        "model": asked_of(model, tasks),
        "names found by": workspace.spacy_model,
        "trax": __version__,
    }
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=transcript.run.audio_seconds,
        engine=engine_of(model, options, tasks),
        is_whole=_is_whole,
    )


ANNOTATE = Stage(
    name="annotate",
    version=1,
    summary="Let a language model write about the transcript.",
    prepare=_prepare,
)


def _is_whole(folder: Path) -> bool:
    path = folder / "transcript.json"
    if not path.exists():
        return True
    notes = from_json(Transcript, path.read_bytes(), "transcript").notes
    return notes is None or not notes.unfinished
