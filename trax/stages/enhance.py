"""Enhance: what kind of speech it is, and words corrected by a language model."""

from pathlib import Path

from trax import __version__
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.options import TranscribeOptions
from trax.stages.questions import asked_of, engine_of, enhanced
from trax.transcript import Recognition
from trax.transcript.codec import from_json, to_json
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(workspace: Workspace, job: Job[TranscribeOptions], *, words: StageResult) -> StageWork:
    """Find out what kind of speech it is, and correct words with a language model if there is one.

    Output: ``recognition.json``. A result in which the model left questions unanswered serves this
    run alone.
    """
    options = job.options.enhancement
    model = workspace.engines.language_model()
    embedder = workspace.engines.embedder() if options.domain == "auto" else None

    def make(folder: Path, progress: Progress) -> Outputs:
        recognition = load(workspace, Recognition, words, "recognition.json")
        better = enhanced(workspace, job, recognition, progress)
        return {"recognition.json": written(folder / "recognition.json", to_json(better))}

    inputs = {
        "words": words.digest,
        "options": options.model_dump(mode="json"),
        "hotwords": list(job.options.recognition.hotwords),
        "model": asked_of(model, options.tasks_before_merge),
        "names found by": workspace.spacy_model,
        "domain": f"{embedder.fingerprint if embedder else 'keywords'}, trax {__version__}",
    }
    return StageWork(
        inputs=inputs,
        make=make,
        audio_seconds=words.run.audio_seconds,
        engine=engine_of(model, options, options.tasks_before_merge),
        is_whole=_is_whole,
    )


ENHANCE = Stage(
    name="enhance",
    version=1,
    summary="Find the kind of speech, and correct words with a language model.",
    prepare=_prepare,
)


def _is_whole(folder: Path) -> bool:
    data = (folder / "recognition.json").read_bytes()
    enhancement = from_json(Recognition, data, "recognition").enhancement
    return enhancement is None or not enhancement.unfinished
