"""What a domain adapter brings on spoken orders, and what it costs general speech.

``python -m benchmarks.adapters data WEIGHTS DATA`` gathers examples from the corpus as a job does:
the orders of ``domain/train``, a part of them kept to judge by, and general speech of other people
than those that are reported. ``train DATA WEIGHTS OUT [RECIPE]`` trains on them, on a GPU if there
is one (RECIPE is JSON), and goes on where it was stopped. ``figures WEIGHTS DATA OUT`` chooses the
adapter's strength on what was kept back, and reports the orders of ``domain/dev``, which nothing
was learnt or chosen by, and general clips of people that nothing else was done with; with a last
word ``brief`` the adapter alone, with ``kept`` on what was kept back: for another domain, whose
list ``data`` is given as a last word. ``refusals WEIGHTS DATA OUT`` trains on what must be refused.
``balanced MODELS OUT OUT`` reads with the plan of that name; MODELS has tiny.en and base.

WEIGHTS is a folder with a CTranslate2 Whisper model, DATA and OUT are folders.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.corpus import corpus
from benchmarks.keeping import kept_or_made
from benchmarks.report import Row, write
from trax.adapters.card import Interval, Judgement
from trax.adapters.examples import (
    LONGEST,
    Example,
    SpokenExamples,
    as_int16,
    read_examples,
    write_examples,
)
from trax.adapters.hearing import HeardExample, heard, merged_decoder, reading
from trax.adapters.lora import scaling
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import AdapterShelf, to_safetensors
from trax.adapters.sources import SpokenText
from trax.adapters.training import Place, Standing, train
from trax.asr.engine import Decoder
from trax.asr.whisper import Placement, WhisperDecoder, load_whisper
from trax.audio import SAMPLE_RATE
from trax.engines import LoadedEngines
from trax.models import Kind, Model, ModelFinder
from trax.scoring.documents import Utterance

KEPT_BACK = {"1688", "2414", "Allison Smith", "LJ"}
"""Speakers of general clips that adapters are judged by, and that are therefore not reported."""


_FEW = 40  # examples of each kind, where few are enough
_INSTALLED = "orders"


def main() -> None:
    """Run the part that is named."""
    part, *arguments = sys.argv[1:] or ["help"]
    parts: dict[str, Callable[..., None]] = {
        "data": _data,
        "train": _train,
        "figures": _figures,
        "refusals": _refusals,
        "balanced": _balanced,
    }
    if part not in parts:
        sys.exit(__doc__)
    parts[part](*arguments)


def _data(weights: str, out: str, domain: str = "") -> None:
    """Gather examples as a job does: cut, checked, a part kept to judge by."""
    from trax.adapters.gathering import gather
    from trax.adapters.sources import spoken_texts
    from trax.audio import Limits

    orders = spoken_texts(Path(domain or corpus() / "domain" / "train" / "manifest.json"))
    decoder = _decoder(_model(weights))
    spoken, found = gather(orders, list(_general()), decoder, "en", Limits(), lambda _share: None)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    write_examples(spoken, folder)
    (folder / "gathered.json").write_text(found.model_dump_json(indent=1) + "\n")


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


def _figures(weights: str, data: str, out: str, parts: str = "all") -> None:
    """Report the adapter in *out* on what it has not learnt from; what was read is kept there."""
    from trax.adapters.gathering import Gathered
    from trax.adapters.judging import GateOptions, bootstrapped_gain
    from trax.adapters.strength import chosen_strength

    folder = Path(out)
    known = json.loads((folder / "training.json").read_text())
    examples = read_examples(Path(data) / "examples.json", Path(data) / "sound.npy")
    found = Gathered.model_validate_json((Path(data) / "gathered.json").read_bytes())
    told = _told(examples, found.terms)
    reader = _Reader(_model(weights), folder, scaling(Recipe.model_validate(known["recipe"])))
    judged = examples.with_examples(examples.chosen("judge", general=True))
    strength, tried = chosen_strength(
        lambda share: reading(reader.heard("judged-general", judged, share)), GateOptions()
    )
    if parts == "kept":
        orders, general = examples.with_examples(examples.chosen("judge", general=False)), judged
    else:
        orders, general = _spoken(_orders("dev")), _spoken(_reported())
    before = reader.heard("orders", orders, 0.0)
    after = reader.heard("orders", orders, strength)
    general_before = reader.heard("general", general, 0.0)
    general_after = reader.heard("general", general, strength)
    rows = [_row("alone", before, general_before)]
    for name, how in told.items() if parts != "brief" else ():
        rows.append(_row(f"{name} alone", reader.heard("orders", orders, 0.0, **how), ()))
    rows.append(_row(f"adapter at strength {strength:g}", after, general_after))
    if strength != 1.0:
        full = reader.heard("orders", orders, 1.0), reader.heard("general", general, 1.0)
        rows.append(_row("adapter at full strength", *full))
    if parts == "all":
        exact = reader.heard("orders", orders, strength, exact=True)
        rows.append(_row("the same in float32", exact, ()))
    notes = [
        _said("orders", bootstrapped_gain(before, after), "better"),
        _said("general clips", bootstrapped_gain(general_after, general_before), "worse"),
        f"strengths tried on general speech that was kept back: "
        f"{', '.join(f'{each.strength:g}: {100 * each.rate:.2f} %' for each in tried)}",
        _calibrated(before, after),
        _trained(known, folder),
        reader.switching(strength),
    ]
    name = f"adapters-{_name_of(weights)}"
    write(f"{name}-{Path(data).name}" if parts == "kept" else name, rows, notes)


def _name_of(weights: str) -> str:
    """The model's name; folders of packaged weights end with their digest."""
    return Path(weights).name.partition("-")[0]


def _balanced(models: str, *trained: str) -> None:
    """Read the reported orders as the plan ``balanced`` does, with and without adapters."""
    from tempfile import TemporaryDirectory

    from trax.settings import Settings
    from trax.store import FolderStore

    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        settings = Settings(home=home, models_dir=Path(models), offline=True, device="cpu")
        shelf = AdapterShelf(FolderStore(home / "objects"))
        engines = LoadedEngines(settings, shelf)
        for base, folder in zip(("tiny.en", "base"), trained, strict=True):
            _install(shelf, engines.learner(base).model, Path(folder))
        rows = [_read_all(engines, adapter, home) for adapter in ("none", _INSTALLED)]
    write("adapters-balanced", rows, ["79 orders of domain/dev, each a recording of its own"])


def _install(shelf: AdapterShelf, model: Model, folder: Path) -> None:
    """Install the adapter in *folder* for a model."""
    from trax.adapters.card import AdapterCard
    from trax.adapters.shelf import fingerprint_of

    matrices = (folder / "adapter.safetensors").read_bytes()
    card = AdapterCard(
        name=_INSTALLED,
        base=model.name,
        base_revision=model.revision,
        fingerprint=fingerprint_of(matrices),
        created_at=datetime.now(UTC),
    )
    shelf.put(card, matrices)


def _read_all(engines: LoadedEngines, adapter: str, home: Path) -> Row:
    """What is wrong in the reported orders, and what reading them costs without loading models."""
    from trax.asr import RecognitionOptions
    from trax.audio import Limits, StoredAudio
    from trax.audio.decode import decode_to_flac
    from trax.scoring.words import word_error_rate
    from trax.transcript import joined_text

    options = RecognitionOptions(plan="balanced", language="en", adapter=adapter)
    recogniser = engines.recogniser(options)
    errors = words = 0
    spent = 0.0
    for at, (file, text, *_rest) in enumerate(_orders("dev")):
        flac = home / "order.flac"
        decode_to_flac(file, flac, Limits())
        audio = StoredAudio.open(flac)
        began = time.process_time()
        found = recogniser.recognise(audio, options, lambda _share: None)
        spent += time.process_time() - began if at else 0.0
        said = [word for segment in found.segments for word in segment.words]
        rate = word_error_rate(text, joined_text(said), "en")
        errors += rate.errors
        words += rate.length
    wrong = round(100 * errors / words, 2)
    return {"adapters": adapter, "orders WER %": wrong, "CPU s": round(spent, 1)}


def _refusals(weights: str, data: str, out: str) -> None:
    """Train on what must be refused, a few steps each, and report what the gate says."""
    from trax.adapters.judging import GateOptions, too_few

    examples = read_examples(Path(data) / "examples.json", Path(data) / "sound.npy")
    rest = [each for each in examples.examples if each.part == "train" and each.is_general]
    learnt = examples.chosen("train", general=False)[:_FEW]
    judged = [
        *examples.chosen("judge", general=False)[:_FEW],
        *examples.chosen("judge", general=True)[::2],
    ]
    turned = [*learnt[7:], *learnt[:7]]
    wrong = [
        each.model_copy(update={"text": other.text})
        for each, other in zip(learnt, turned, strict=True)
    ]
    short: dict[str, Any] = {"least_steps": 12, "most_steps": 12}
    cases = {
        "texts of other examples": ([*wrong, *rest, *judged], Recipe(**short)),
        "a rate ten times too high, nothing against forgetting": (
            [*learnt, *judged],
            Recipe(learning_rate=1e-2, replay=0, hold=0, **short),
        ),
    }
    five = examples.with_examples([*learnt[:4], judged[0]])
    rows: list[Row] = [{"learnt from": "five examples", "refused": too_few(five, GateOptions())}]
    for name, (some, recipe) in cases.items():
        judgement = _judged(_model(weights), examples.with_examples(some), recipe, Path(out) / name)
        rows.append(
            {
                "learnt from": name,
                "orders WER % before": round(100 * judgement.domain["base"].rate, 2),
                "after": round(100 * judgement.domain["adapter"].rate, 2),
                "general WER % before": round(100 * judgement.general["base"].rate, 2),
                "general after": round(100 * judgement.general["adapter"].rate, 2),
                "strength": judgement.strength,
                "refused": "; ".join(judgement.refusals),
            }
        )
    write("adapters-refused", rows, ["twelve steps each; judged as a job does, on a part"])


def _judged(model: Model, spoken: SpokenExamples, recipe: Recipe, folder: Path) -> Judgement:
    """The judgement of what was learnt, as a job comes by it."""
    from trax.adapters.judging import GateOptions, Judged, judge
    from trax.adapters.learner import Learner
    from trax.asr.confidence import SHIPPED, load_calibration
    from trax.stages.judge import strength_of

    place = Place("cpu", 1, folder / "saved")
    trained = train(model, spoken, recipe, place, lambda standing: print(standing, flush=True))
    matrices = to_safetensors(trained.tensors)
    learner = Learner(
        model=model,
        placement=_placement(),
        decoder=_decoder(model),
        calibration=load_calibration(SHIPPED),
    )
    gate = GateOptions()
    strength, tried = strength_of(learner, matrices, scaling(recipe), spoken, gate)
    scale = scaling(recipe) * strength
    with merged_decoder(model, _placement(), matrices, scale) as adapted:
        judged = Judged(learner.decoder, adapted, spoken, (), learner.calibration, strength, tried)
        return judge(judged, gate, lambda _share: None)


def _told(examples: SpokenExamples, terms: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What a user would do instead: a prompt, hotwords."""
    texts = [each.text for each in examples.chosen("train", general=False)]
    prompt = " ".join(texts[:: len(texts) // 3][:3])
    return {"prompt": {"prompt": prompt}, "hotwords": {"hotwords": ", ".join(terms)}}


class _Reader:
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
        placement = _placement("float32" if exact else "int8")
        kind = "".join(sorted(how)) + "exact" * exact
        path = self._folder / f"heard-{name}-{share:g}{kind}.kept"

        def make() -> list[HeardExample]:
            print(path.name, flush=True)
            if not share:
                return heard(_decoder(self._model), spoken, spoken.examples, **how)
            scale = self._factor * share
            with merged_decoder(self._model, placement, self._matrices, scale) as adapted:
                return heard(adapted, spoken, spoken.examples, **how)

        return kept_or_made(path, make)

    def switching(self, share: float) -> str:
        """What it takes until another adapter reads, for the first time and later."""
        began = time.process_time()
        with merged_decoder(self._model, _placement(), self._matrices, self._factor * share):
            first = time.process_time() - began
        began = time.process_time()
        load_whisper(self._model, _placement())
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


def _general() -> Iterator[SpokenText]:
    """General speech of other people than those that are reported: some clips with their text,
    which are judged by, and meetings and conversations without one, which are learnt from.
    """
    for file, entry in _clips():
        if entry["speaker"] in KEPT_BACK:
            said = (Utterance(entry["speaker"], entry["reference"]),)
            yield SpokenText(
                audio=file, name=file.name, utterances=said, speaker=entry["speaker"], language="en"
            )
    for pattern in ("ami_trn*.flac", "dev_*spk_*.flac"):
        for file in sorted((corpus() / "diarization").glob(pattern)):
            yield SpokenText(audio=file, name=file.name, language="en")


def _reported() -> Iterator[Clip]:
    """General speech of everybody else."""
    for file, entry in _clips():
        if entry["speaker"] not in KEPT_BACK:
            yield file, entry["reference"], entry["speaker"] or "", True, ()


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


def _placement(compute_type: str = "int8") -> Placement:
    return Placement("cpu", compute_type, 1)


def _decoder(model: Model) -> Decoder:
    whisper = load_whisper(model, _placement())
    return WhisperDecoder(model, _placement(), lambda: whisper)


if __name__ == "__main__":
    main()
