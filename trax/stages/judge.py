"""Judge: what an adapter is worth on speech that it has not learnt from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trax.adapters.card import CurvePoint, Judgement
from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.gate import GateOptions, Strength
from trax.adapters.gathering import Gathered
from trax.adapters.hearing import HeardExample, heard, merged_decoder, reading
from trax.adapters.judging import Judged, judge
from trax.adapters.learner import Learner
from trax.adapters.lora import scaling
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import to_safetensors
from trax.adapters.strength import chosen_strength
from trax.adapters.training import Place, train
from trax.progress import Progress
from trax.stages.adapt_options import AdaptOptions
from trax.stages.files import written
from trax.stages.train import MATRICES, stored_examples
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace

_SHARES = (1 / 3, 2 / 3)


def _prepare(
    workspace: Workspace, job: Job[AdaptOptions], *, examples: StageResult, adapter: StageResult
) -> StageWork:
    """Judge a trained adapter. Output: ``judgement.json``."""
    options = job.options
    learner = workspace.engines.learner(options.base)
    spoken = stored_examples(workspace, examples)
    report = workspace.objects.local_path(examples.outputs["gathered.json"])
    gathered = Gathered.model_validate_json(report.read_bytes())

    def make(folder: Path, progress: Progress) -> Outputs:
        matrices = workspace.objects.local_path(adapter.outputs[MATRICES])
        factor = scaling(options.recipe)

        def curve() -> list[CurvePoint]:
            return list(_curve(learner, spoken, options.recipe)) if options.curve else []

        data = matrices.read_bytes()
        trained = Trained(data, factor, spoken, gathered.terms)
        judgement = judgement_of(learner, trained, options.gate, progress, curve)
        text = judgement.model_dump_json(indent=1).encode()
        return {"judgement.json": written(folder / "judgement.json", text)}

    return StageWork(
        inputs={
            "examples": examples.digest,
            "adapter": adapter.digest,
            "gate": options.gate.model_dump(mode="json"),
            "curve": options.curve,
            "engine": learner.decoder.fingerprint,
            "calibration": learner.calibration.fingerprint,
        },
        make=make,
        audio_seconds=sum(each.duration for each in spoken.examples),
        engine=learner.decoder.fingerprint,
    )


JUDGE = Stage(
    name="judge",
    version=3,
    summary="Measure the adapter on speech that it has not learnt from.",
    prepare=_prepare,
    where="device",
)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a training gave, and what it is judged by.

    Attributes:
        matrices: LoRA's, as safetensors.
        scaling: by which the product of the matrices is multiplied.
        terms: what somebody without an adapter would give as hotwords.
    """

    matrices: bytes
    scaling: float
    spoken: SpokenExamples
    terms: Sequence[str]


def judgement_of(
    learner: Learner,
    trained: Trained,
    gate: GateOptions,
    progress: Progress,
    curve: Callable[[], Sequence[CurvePoint]] = tuple,
) -> Judgement:
    """The judgement of what was trained, at the strength that general speech allows.

    Args:
        curve: as `judge` takes it.
    """
    strength = strength_of(learner, trained, gate)
    scale = trained.scaling * strength.share
    with merged_decoder(learner.model, learner.placement, trained.matrices, scale) as adapted:
        judged = Judged(
            learner.decoder, adapted, trained.spoken, trained.terms, learner.calibration, strength
        )
        return judge(judged, gate, progress, curve)


def strength_of(learner: Learner, trained: Trained, gate: GateOptions) -> Strength:
    """How much of the adapter's change general speech allows; all of it if there is no general
    speech to judge by.
    """
    spoken = trained.spoken
    general = spoken.chosen("judge", general=True)
    if not general:
        return Strength()

    def read(share: float) -> list[HeardExample]:
        if not share:
            return heard(learner.decoder, spoken, general)
        scale = trained.scaling * share
        with merged_decoder(learner.model, learner.placement, trained.matrices, scale) as adapted:
            return heard(adapted, spoken, general)

    return chosen_strength(read, gate)


def _curve(learner: Learner, spoken: SpokenExamples, recipe: Recipe) -> Iterator[CurvePoint]:
    """The word error rate after training on a third and on two thirds of the examples."""
    learnt = spoken.chosen("train", general=False)
    known = set(learnt)
    rest = [each for each in spoken.examples if each not in known]
    judged = spoken.chosen("judge", general=False)
    for share in _SHARES:
        some = _evenly(learnt, share)
        if not some:
            continue
        fewer = spoken.with_examples([*some, *rest])
        with TemporaryDirectory() as scratch:
            place = Place(learner.placement.device, learner.placement.threads, Path(scratch))
            trained = train(learner.model, fewer, recipe, place, lambda _standing: None)
        matrices = to_safetensors(trained.tensors)
        with merged_decoder(learner.model, learner.placement, matrices, scaling(recipe)) as adapted:
            rate = reading(heard(adapted, spoken, judged)).rate
        seconds = sum(each.duration for each in some)
        yield CurvePoint(share=round(share, 3), seconds=round(seconds, 1), rate=rate)


def _evenly(examples: tuple[Example, ...], share: float) -> list[Example]:
    """Every so manieth example."""
    count = round(len(examples) * share)
    return [examples[at * len(examples) // count] for at in range(count)]
