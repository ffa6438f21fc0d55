"""What a domain adapter brings on spoken orders, and what it costs general speech.

``python -m benchmarks.adapters data WEIGHTS OUT`` gathers examples from the corpus: the orders of
``domain/train``, and general speech of other people than those that are reported. ``train DATA
WEIGHTS OUT [RECIPE]`` trains on them, on a GPU if there is one (RECIPE is JSON; of Trax it needs
no engine, only torch, transformers, peft and faster-whisper). ``figures WEIGHTS OUT`` reports the
orders of ``domain/dev``, which nothing was learnt or chosen by, and general clips.

WEIGHTS is a folder with a CTranslate2 Whisper model, DATA and OUT are folders.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.corpus import corpus
from benchmarks.report import Row, write
from trax.adapters.examples import (
    LONGEST,
    Example,
    SpokenExamples,
    as_int16,
    read_examples,
    write_examples,
)
from trax.adapters.lora import scaling
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import from_safetensors, to_safetensors
from trax.adapters.training import Place, Standing, train
from trax.audio import SAMPLE_RATE
from trax.models import Kind, Model, ModelFinder

REPLAYED = {"1688", "2414", "Allison Smith", "LJ"}
"""Speakers of general clips that are learnt from, and therefore not reported."""

_MOST_TERMS = 40


def main() -> None:
    """Run the part that is named."""
    part, *arguments = sys.argv[1:] or ["help"]
    parts: dict[str, Callable[..., None]] = {"data": _data, "train": _train, "figures": _figures}
    if part not in parts:
        sys.exit(__doc__)
    parts[part](*arguments)


def _data(weights: str, out: str) -> None:
    """Gather examples; general speech has what the model hears in it for a text."""
    from trax.adapters.hearing import heard

    orders = list(_orders("train"))
    spoken = _spoken([*orders, *_replayed()])
    general = spoken.chosen("train", general=True)
    texts = [each.text for each in heard(_decoder(_model(weights)), spoken, general)]
    told = [
        example.model_copy(update={"text": text})
        for example, text in zip(general, texts, strict=True)
        if text
    ]
    examples = [*spoken.chosen("train", general=False), *told]
    Path(out).mkdir(parents=True, exist_ok=True)
    write_examples(spoken.with_examples(examples), Path(out))


def _train(data: str, weights: str, out: str, recipe: str = "{}") -> None:
    """Train, print each step, and leave matrices and figures in *out*."""
    import torch

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    chosen = Recipe.model_validate_json(recipe)
    spoken = read_examples(Path(data) / "examples.json", Path(data) / "sound.npy")
    place = Place(device, torch.get_num_threads(), folder / "saved")
    began = time.perf_counter()

    def on_step(standing: Standing) -> None:
        print(f"{standing.step}/{standing.steps} loss {standing.loss:.3f}", flush=True)

    trained = train(_model(weights), spoken, chosen, place, on_step)
    (folder / "adapter.safetensors").write_bytes(to_safetensors(trained.tensors))
    figures = {
        "recipe": chosen.model_dump(mode="json"),
        "device": device,
        "steps": len(trained.losses),
        "seconds": round(time.perf_counter() - began, 1),
        "seconds_a_step": round(trained.seconds_a_step, 3),
        "cpu_seconds": round(time.process_time(), 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "device_peak_mb": torch.cuda.max_memory_allocated() >> 20 if device == "cuda" else 0,
        "losses": [round(loss, 4) for loss in trained.losses],
    }
    (folder / "training.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({name: each for name, each in figures.items() if name != "losses"}))


def _figures(weights: str, out: str) -> None:
    """Report the adapter in *out* on what it has not learnt from."""
    from trax.adapters.hearing import heard, merged_decoder
    from trax.adapters.judging import bootstrapped_gain

    folder = Path(out)
    matrices = (folder / "adapter.safetensors").read_bytes()
    known = json.loads((folder / "training.json").read_text())
    factor = scaling(Recipe.model_validate(known["recipe"]))
    model = _model(weights)
    orders = _spoken(_orders("dev"))
    general = _spoken(_reported())
    decoder = _decoder(model)
    texts = [text for _file, text, *_rest in _orders("train")]
    prompt = " ".join(texts[:: len(texts) // 3][:3])
    hotwords = ", ".join(_terms())
    before = heard(decoder, orders, orders.examples)
    general_before = heard(decoder, general, general.examples)
    rows = [
        _row("base", before, general_before),
        _row("prompt", heard(decoder, orders, orders.examples, prompt=prompt), ()),
        _row("hotwords", heard(decoder, orders, orders.examples, hotwords=hotwords), ()),
    ]
    notes = []
    with merged_decoder(model, _placement(), matrices, factor) as adapted:
        after = heard(adapted, orders, orders.examples)
        general_after = heard(adapted, general, general.examples)
    rows.append(_row("adapter", after, general_after))
    gain = bootstrapped_gain(before, after)
    notes.append(
        f"orders: {100 * gain.value:.2f} points better, 95 % interval {100 * gain.low:.2f} to "
        f"{100 * gain.high:.2f}"
    )
    loss = bootstrapped_gain(general_after, general_before)
    notes.append(
        f"general clips: {100 * loss.value:.2f} points worse, 95 % interval "
        f"{100 * loss.low:.2f} to {100 * loss.high:.2f}"
    )
    size = sum(each.nbytes for each in from_safetensors(matrices).values())
    notes.append(
        f"{known['steps']} steps of {known['seconds_a_step']} s on {known['device']}, "
        f"{known['cpu_seconds']} CPU s, {known['peak_mb']} MB; adapter {size / 1e6:.1f} MB; int8, "
        "beam 5, one window a clip"
    )
    write(f"adapters-{model.name}", rows, notes)


def _row(name: str, orders: Sequence[Any], general: Sequence[Any]) -> Row:
    from trax.adapters.hearing import reading

    ours = reading(orders)
    row: Row = {
        "read with": name,
        "orders WER %": round(100 * ours.rate, 2),
        "terms right %": round(100 * ours.terms_right / ours.terms_said, 1),
    }
    if general:
        theirs = reading(general)
        row["general WER %"] = round(100 * theirs.rate, 2)
    return row


Clip = tuple[Path, str, str, bool, tuple[str, ...]]
"""File, text, speaker, whether it is general speech, and terms."""


def _orders(part: str) -> Iterator[Clip]:
    folder = corpus() / "domain" / part
    for entry in json.loads((folder / "manifest.json").read_bytes()):
        file = folder / entry["file"]
        yield file, entry["reference"], entry["speaker"], False, tuple(entry["slots"])


def _clips() -> Iterator[tuple[Path, dict[str, Any]]]:
    folder = corpus() / "clips"
    for entry in json.loads((folder / "manifest.json").read_bytes()):
        if entry["language"] == "en" and entry["duration"] <= LONGEST:
            yield folder / entry["file"], entry


def _replayed() -> Iterator[Clip]:
    """General speech to learn from: some speakers of clips, and meetings."""
    for file, entry in _clips():
        if entry["speaker"] in REPLAYED:
            yield file, "", entry["speaker"], True, ()
    for file in sorted((corpus() / "diarization").glob("ami_trn*.flac")):
        yield file, "", file.stem, True, ()


def _reported() -> Iterator[Clip]:
    """General speech of everybody else."""
    for file, entry in _clips():
        if entry["speaker"] not in REPLAYED:
            yield file, entry["reference"], entry["speaker"] or "", True, ()


def _terms() -> list[str]:
    counts: dict[str, int] = {}
    for *_clip, terms in _orders("train"):
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
    return sorted(counts, key=lambda term: -counts[term])[:_MOST_TERMS]


def _spoken(clips: Iterator[Clip] | list[Clip]) -> SpokenExamples:
    """The clips at 16 kHz, cut to what a window takes."""
    examples = []
    sounds = []
    first = 0
    for file, text, speaker, is_general, terms in clips:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        if rate != SAMPLE_RATE:
            continue
        sound = as_int16(samples.mean(axis=1)[: round(LONGEST * SAMPLE_RATE)])
        examples.append(
            Example(
                text=text,
                source=file.name,
                speaker=speaker,
                is_general=is_general,
                terms=terms,
                first_sample=first,
                samples=len(sound),
            )
        )
        sounds.append(sound)
        first += len(sound)
    return SpokenExamples(tuple(examples), np.concatenate(sounds))


def _model(weights: str) -> Model:
    return ModelFinder(Path(weights).parent, offline=True).find(weights, Kind.RECOGNITION)


def _placement() -> Any:
    from trax.asr.whisper import Placement

    return Placement("cpu", "int8", 1)


def _decoder(model: Model) -> Any:
    from trax.asr.whisper import WhisperDecoder, load_whisper

    whisper = load_whisper(model, _placement())
    return WhisperDecoder(model, _placement(), lambda: whisper)


if __name__ == "__main__":
    main()
