"""What an adapter must not be installed for: five examples, other texts, ruined general speech."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.adapter_examples import kept_examples
from benchmarks.adapter_weights import decoder_of, model_in, placement
from benchmarks.report import Row, write
from trax.adapters.card import Judgement
from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.gate import GateOptions, too_few
from trax.adapters.learner import Learner
from trax.adapters.lora import scaling
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import to_safetensors
from trax.adapters.training import Place, train
from trax.asr.confidence import SHIPPED, load_calibration
from trax.models import Model
from trax.stages.judge import Trained, judgement_of

_FEW = 40  # examples of each kind, where few are enough
_SHORT: dict[str, Any] = {"least_steps": 12, "most_steps": 12}


def refusals(weights: str, data: str, out: str) -> None:
    """Train on what must be refused, a few steps each, and report what the gate says; a training
    goes on where it was stopped.
    """
    examples = kept_examples(Path(data))
    five = examples.with_examples(
        [
            *examples.chosen("train", general=False)[:4],
            *examples.chosen("judge", general=False)[:1],
        ]
    )
    rows: list[Row] = [{"learnt from": "five examples", "refused": too_few(five, GateOptions())}]
    for name, some, recipe in _cases(examples):
        folder = Path(out) / name
        judgement = _judged(model_in(weights), examples.with_examples(some), recipe, folder)
        rows.append(Row({"learnt from": name}) | _row(judgement))
    write("adapters-refused", rows, ["twelve steps each; judged as a job does, on a part"])


def _cases(spoken: SpokenExamples) -> Iterator[tuple[str, list[Example], Recipe]]:
    """What is learnt from, with its name and how."""
    learnt = spoken.chosen("train", general=False)[:_FEW]
    judged = [
        *spoken.chosen("judge", general=False)[:_FEW],
        *spoken.chosen("judge", general=True)[::2],
    ]
    wrong = [
        each.model_copy(update={"text": other.text})
        for each, other in zip(learnt, [*learnt[7:], *learnt[:7]], strict=True)
    ]
    general = spoken.chosen("train", general=True)
    yield "texts of other examples", [*wrong, *general, *judged], Recipe(**_SHORT)
    ruin = Recipe(learning_rate=1e-2, replay=0, hold=0, **_SHORT)
    yield "a rate ten times too high, nothing against forgetting", [*learnt, *judged], ruin


def _row(judgement: Judgement) -> Row:
    def percent(rate: float) -> float:
        return round(100 * rate, 2)

    rates = {point.strength: point.rate for point in judgement.strengths}
    return {
        "orders WER % before": percent(judgement.domain["base"].rate),
        "after": percent(judgement.domain["adapter"].rate),
        "general WER % before": percent(judgement.general["base"].rate),
        "general after": percent(judgement.general["adapter"].rate),
        "at full strength": percent(rates[1.0]),
        "strength": judgement.strength,
        "refused": "; ".join(judgement.refusals),
    }


def _judged(model: Model, spoken: SpokenExamples, recipe: Recipe, folder: Path) -> Judgement:
    """The judgement of what was learnt, as a job comes by it."""
    place = Place("cpu", 1, folder / "saved")
    trained = train(model, spoken, recipe, place, lambda standing: print(standing, flush=True))
    learner = Learner(
        model=model,
        placement=placement(),
        decoder=decoder_of(model),
        calibration=load_calibration(SHIPPED),
    )
    matrices = to_safetensors(trained.tensors)
    known = Trained(matrices, scaling(recipe), spoken, ())
    return judgement_of(learner, known, GateOptions(), lambda _share: None)
