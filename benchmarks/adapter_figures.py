"""What an adapter is worth on speech that nothing was learnt from."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.adapter_examples import kept_examples, orders, reported, spoken_clips
from benchmarks.adapter_weights import decoder_of, model_in, name_of, placement
from benchmarks.keeping import kept_or_made
from benchmarks.report import Row, write
from trax.adapters.card import Interval
from trax.adapters.examples import SpokenExamples
from trax.adapters.hearing import HeardExample, heard, merged_decoder, reading
from trax.adapters.lora import scaling
from trax.adapters.recipe import Recipe
from trax.asr.whisper import load_whisper
from trax.models import Model


def figures(weights: str, data: str, out: str, parts: str = "all") -> None:
    """Report the adapter in *out* on what it has not learnt from; what was read is kept there."""
    from trax.adapters.gate import GateOptions
    from trax.adapters.gathering import Gathered
    from trax.adapters.judging import bootstrapped_gain
    from trax.adapters.strength import chosen_strength

    folder = Path(out)
    known = json.loads((folder / "training.json").read_text())
    examples = kept_examples(Path(data))
    found = Gathered.model_validate_json((Path(data) / "gathered.json").read_bytes())
    told = _told(examples, found.terms)
    reader = Reader(model_in(weights), folder, scaling(Recipe.model_validate(known["recipe"])))
    judged = examples.with_examples(examples.chosen("judge", general=True))
    chosen = chosen_strength(
        lambda share: reader.heard("judged-general", judged, share), GateOptions()
    )
    strength = chosen.share
    if parts == "kept":
        ours, general = examples.with_examples(examples.chosen("judge", general=False)), judged
    else:
        ours, general = spoken_clips(orders("dev")), spoken_clips(reported())
    before = reader.heard("orders", ours, 0.0)
    after = reader.heard("orders", ours, strength)
    general_before = reader.heard("general", general, 0.0)
    general_after = reader.heard("general", general, strength)
    rows = [_row("alone", before, general_before)]
    for name, how in told.items() if parts != "brief" else ():
        rows.append(_row(f"{name} alone", reader.heard("orders", ours, 0.0, **how), ()))
    rows.append(_row(f"adapter at strength {strength:g}", after, general_after))
    if strength != 1.0:
        full = reader.heard("orders", ours, 1.0), reader.heard("general", general, 1.0)
        rows.append(_row("adapter at full strength", *full))
    if parts == "all":
        exact = reader.heard("orders", ours, strength, exact=True)
        rows.append(_row("the same in float32", exact, ()))
    notes = [
        _said("orders", bootstrapped_gain(before, after), "better"),
        _said("general clips", bootstrapped_gain(general_after, general_before), "worse"),
        f"strengths tried on general speech that was kept back: "
        f"{', '.join(f'{each.strength:g}: {100 * each.rate:.2f} %' for each in chosen.tried)}",
        _calibrated(before, after),
        _trained(known, folder),
        reader.switching(strength),
    ]
    name = f"adapters-{name_of(weights)}"
    write(f"{name}-{Path(data).name}" if parts == "kept" else name, rows, notes)


def _told(examples: SpokenExamples, terms: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What a user would do instead: a prompt, hotwords."""
    texts = [each.text for each in examples.chosen("train", general=False)]
    prompt = " ".join(texts[:: len(texts) // 3][:3])
    return {"prompt": {"prompt": prompt}, "hotwords": {"hotwords": ", ".join(terms)}}


class Reader:
    """Reads with an adapter at some strength; what was heard is kept in *folder*."""

    def __init__(self, model: Model, folder: Path, factor: float) -> None:
        self._model = model
        self._folder = folder
        self._factor = factor
        self._matrices = (folder / "adapter.safetensors").read_bytes()

    def heard(
        self, name: str, spoken: SpokenExamples, share: float, exact: bool = False, **how: Any
    ) -> list[HeardExample]:
        """What is heard; 0 is without the adapter."""
        place = placement("float32" if exact else "int8")
        kind = "".join(sorted(how)) + "exact" * exact
        path = self._folder / f"heard-{name}-{share:g}{kind}.kept"

        def make() -> list[HeardExample]:
            print(path.name, flush=True)
            if not share:
                return heard(decoder_of(self._model), spoken, spoken.examples, **how)
            scale = self._factor * share
            with merged_decoder(self._model, place, self._matrices, scale) as adapted:
                return heard(adapted, spoken, spoken.examples, **how)

        return kept_or_made(path, make)

    def switching(self, share: float) -> str:
        """What it takes until another adapter reads, for the first time and later."""
        began = time.process_time()
        with merged_decoder(self._model, placement(), self._matrices, self._factor * share):
            first = time.process_time() - began
        began = time.process_time()
        load_whisper(self._model, placement())
        later = time.process_time() - began
        return (
            f"to another adapter: {first:.1f} CPU s the first time, then {later:.1f}, of one thread"
        )


def _said(what: str, gain: Interval, word: str) -> str:
    low, high = 100 * gain.low, 100 * gain.high
    return f"{what}: {100 * gain.value:.2f} points {word}, 95 % interval {low:.2f} to {high:.2f}"


def _calibrated(before: Sequence[HeardExample], after: Sequence[HeardExample]) -> str:
    from trax.adapters.judging import calibration_error
    from trax.asr.confidence import SHIPPED, load_calibration

    calibration = load_calibration(SHIPPED)
    errors = [calibration_error(each, calibration) for each in (before, after)]
    return f"calibration error of confidence on orders: {errors[0]:.3f} alone, {errors[1]:.3f} with"


def _trained(known: dict[str, Any], folder: Path) -> str:
    size = (folder / "adapter.safetensors").stat().st_size
    return (
        f"{known['steps']} steps, {known['cpu_seconds']} CPU s and {known['peak_mb']} MB on "
        f"{known['device']}; adapter {size / 1e6:.1f} MB; int8, beam 5, one window a clip; recipe "
        f"{json.dumps(known['recipe'])}"
    )


def _row(name: str, orders: Sequence[HeardExample], general: Sequence[HeardExample]) -> Row:
    ours = reading(orders)
    row: Row = {
        "read with": name,
        "orders WER %": round(100 * ours.rate, 2),
        "terms right %": round(100 * ours.terms_right / max(1, ours.terms_said), 1),
    }
    if general:
        theirs = reading(general)
        row["general WER %"] = round(100 * theirs.rate, 2)
    return row
