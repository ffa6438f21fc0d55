"""Train: examples to the matrices of an adapter."""

import json
import shutil
from pathlib import Path

from trax.adapters.examples import SpokenExamples, read_examples
from trax.adapters.gate import too_few
from trax.adapters.gathering import Gathered
from trax.adapters.shelf import to_safetensors
from trax.adapters.training import Place, Standing, train
from trax.errors import InvalidOption
from trax.progress import NowAndThen, Progress
from trax.stages.adapt_options import AdaptOptions
from trax.stages.files import written
from trax.store import checkpoint_key
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace

MATRICES = "adapter.safetensors"
"""The output with the weights."""

TRAINING = "training.json"
"""The output with the loss of each step, and the recordings that were learnt from."""

SAVED = "training-"
"""How scratch folders begin with the state of a training that is not over."""

RECORDINGS = "recordings.json"
"""The file in such a folder that says what is learnt from."""

_SAID_EVERY = 30.0  # seconds
_MINUTE = 60.0  # seconds


def _prepare(workspace: Workspace, job: Job[AdaptOptions], *, examples: StageResult) -> StageWork:
    """Train on gathered examples, on from where a process was stopped.

    Outputs: ``adapter.safetensors``, ``training.json``. Too few examples are refused before any
    step.
    """
    learner = workspace.engines.learner(job.options.base)
    spoken = stored_examples(workspace, examples)
    seconds = sum(each.duration for each in spoken.chosen("train", general=False))
    inputs: dict[str, object] = {
        "examples": examples.digest,
        "recipe": job.options.recipe.model_dump(mode="json"),
        "base": learner.model.fingerprint,
        "device": learner.placement.device,
    }
    saved = workspace.objects.scratch / f"{SAVED}{checkpoint_key('train', 1, **inputs)}"
    place = Place(learner.placement.device, learner.placement.threads, saved)

    def make(folder: Path, progress: Progress) -> Outputs:
        few = too_few(spoken, job.options.gate)
        if few:
            raise InvalidOption(few + _set_aside(workspace, examples))
        told = _Told(progress)
        learnt = {each.digest for each in spoken.examples if each.part == "train"}
        known: dict[str, object] = {"recordings": sorted(learnt)}
        saved.mkdir(parents=True, exist_ok=True)
        (saved / RECORDINGS).write_text(json.dumps(known))
        trained = train(learner.model, spoken, job.options.recipe, place, told)
        shutil.rmtree(saved, ignore_errors=True)
        seconds = round(trained.seconds_a_step, 3)
        facts = known | {"losses": trained.losses, "seconds_a_step": seconds}
        return {
            MATRICES: written(folder / MATRICES, to_safetensors(trained.tensors)),
            TRAINING: written(folder / TRAINING, json.dumps(facts).encode()),
        }

    return StageWork(
        inputs=inputs, make=make, audio_seconds=seconds, engine=learner.model.fingerprint
    )


TRAIN = Stage(
    name="train",
    version=1,
    summary="Train the adapter, with a state kept now and then to go on from.",
    prepare=_prepare,
    where="device",
)


def stored_examples(workspace: Workspace, examples: StageResult) -> SpokenExamples:
    """The examples that gathering left."""
    local = workspace.objects.local_path
    outputs = examples.outputs
    return read_examples(local(outputs["examples.json"]), local(outputs["sound.npy"]))


def _set_aside(workspace: Workspace, examples: StageResult) -> str:
    """How many texts were wrong, which may be why examples are few."""
    report = workspace.objects.local_path(examples.outputs["gathered.json"])
    count = len(Gathered.model_validate_json(report.read_bytes()).set_aside)
    return f"; {count} were set aside, because their text is not what is heard" if count else ""


class _Told:
    """Says how a training goes: the share of it at every step, loss and time left now and then."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._say = NowAndThen(least=_SAID_EVERY)

    def __call__(self, standing: Standing) -> None:
        """Report a step."""
        self._progress(standing.step / standing.steps)
        minutes = standing.seconds_left / _MINUTE
        self._say(
            f"train: step {standing.step} of {standing.steps}, loss {standing.loss:.2f}, "
            f"about {minutes:.0f} min left"
        )
