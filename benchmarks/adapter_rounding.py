"""Whether an adapter merged in int8 reads what it reads in transformers, where it was trained."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapter_examples import orders, spoken_clips
from benchmarks.adapter_weights import model_in, name_of
from benchmarks.keeping import kept_or_made
from benchmarks.report import Row, write
from trax.adapters.adapted import merged_files
from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.hearing import HeardExample, reading
from trax.adapters.judging import bootstrapped_gain
from trax.adapters.lora import LoraTraining, scaling
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import from_safetensors
from trax.adapters.whisper_torch import load_for_training
from trax.models import Model
from trax.scoring.words import word_error_rate

_FRAMES = 3000
_MOST_TOKENS = 120

Features = NDArray[np.float32]
Write = Callable[[Features], list[int]]
"""Gives the tokens that a model writes for a window's features."""


def rounding(weights: str, out: str) -> None:
    """Read the reported orders with the adapter in *out* in transformers, merged in float32 and
    merged in int8, always the likeliest token without times; what was read is kept there.
    """
    folder = Path(out)
    model = model_in(weights)
    known = json.loads((folder / "training.json").read_text())
    recipe = Recipe.model_validate(known["recipe"])
    matrices = (folder / "adapter.safetensors").read_bytes()
    spoken = spoken_clips(orders("dev"))
    readers: dict[str, Callable[[], Write]] = {
        "transformers, float32": lambda: _transformers(model, matrices, recipe),
        "merged, float32": lambda: _merged(model, matrices, recipe, "float32"),
        "merged, int8": lambda: _merged(model, matrices, recipe, "int8"),
    }
    found = {}
    for name, load in readers.items():
        path = folder / f"rounding-{name}.kept"
        found[name] = kept_or_made(path, partial(_texts, model, spoken, load))
    rows = _rows(spoken, found)
    write(f"adapters-{name_of(weights)}-rounding", rows, [f"{len(spoken.examples)} spoken orders"])


def _rows(spoken: SpokenExamples, found: dict[str, list[str]]) -> list[Row]:
    """How each compares with the first."""
    first, *_rest = found.values()
    before = _scored(spoken, first)
    rows: list[Row] = []
    for name, texts in found.items():
        after = _scored(spoken, texts)
        gain = bootstrapped_gain(after, before)
        same = sum(one == other for one, other in zip(first, texts, strict=True))
        row: Row = {
            "read with": name,
            "orders WER %": round(100 * reading(after).rate, 2),
            "errors": reading(after).errors,
            "words": reading(after).words,
            "points worse": round(100 * gain.value, 2),
            "interval": f"{100 * gain.low:.2f} to {100 * gain.high:.2f}",
            "same text": f"{same} of {len(texts)}",
        }
        rows.append(row)
    return rows


def _scored(spoken: SpokenExamples, texts: Sequence[str]) -> list[HeardExample]:
    return [_one(example, text) for example, text in zip(spoken.examples, texts, strict=True)]


def _one(example: Example, text: str) -> HeardExample:
    rate = word_error_rate(example.text, text, example.language)
    return HeardExample(example, (), rate.errors, rate.length, 0)


def _texts(model: Model, spoken: SpokenExamples, load: Callable[[], Write]) -> list[str]:
    from faster_whisper.feature_extractor import FeatureExtractor
    from tokenizers import Tokenizer

    write_tokens = load()
    extractor = FeatureExtractor()
    tokenizer = Tokenizer.from_file(str(model.folder() / "tokenizer.json"))
    silence = np.zeros(extractor.n_samples, dtype=np.float32)
    texts = []
    for example in spoken.examples:
        samples = np.concatenate([spoken.samples(example), silence])
        tokens = write_tokens(extractor(samples)[:, :_FRAMES])
        texts.append(tokenizer.decode(tokens, skip_special_tokens=True).strip())
    return texts


def _prompt(model: Model) -> tuple[list[int], int]:
    """The tokens that a model is given first, and the one that ends a text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model.folder() / "tokenizer.json"))
    names = ["<|startoftranscript|>", "<|notimestamps|>"]
    if model.languages != {"en"}:
        names[1:1] = ["<|en|>", "<|transcribe|>"]
    *begin, end = tokenizer.encode("".join([*names, "<|endoftext|>"]), add_special_tokens=False).ids
    return begin, end


def _merged(model: Model, matrices: bytes, recipe: Recipe, arithmetic: str) -> Write:
    """CTranslate2 with the adapter merged into its weights."""
    import ctranslate2

    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "merged"
        is_int8 = arithmetic == "int8"
        merged_files(model.folder(), folder, matrices, scaling(recipe), is_int8=is_int8)
        whisper = ctranslate2.models.Whisper(str(folder), compute_type=arithmetic, intra_threads=1)
    prompt, _end = _prompt(model)

    def write_tokens(features: Features) -> list[int]:
        window = ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None]))
        (found,) = whisper.generate(window, [prompt], beam_size=1, max_length=_MOST_TOKENS)
        return list(found.sequences_ids[0])

    return write_tokens


def _transformers(model: Model, matrices: bytes, recipe: Recipe) -> Write:
    """Transformers with peft's adapter beside the weights."""
    import torch

    torch.set_num_threads(1)
    training = LoraTraining(load_for_training(model.folder()), recipe, 1, "cpu")
    from peft import set_peft_model_state_dict  # which loads where torchaudio does

    state = {name: torch.from_numpy(each) for name, each in from_safetensors(matrices).items()}
    set_peft_model_state_dict(training.model, state)
    whisper = training.model.eval()
    prompt, end = _prompt(model)
    config = json.loads((model.folder() / "config.json").read_text())
    never = config["suppress_ids"]
    first = [*never, *config["suppress_ids_begin"]]

    @torch.no_grad()
    def write_tokens(features: Features) -> list[int]:
        window = torch.from_numpy(np.ascontiguousarray(features[None]))
        encoded = whisper.get_encoder()(window)
        written: list[int] = []
        given, past = prompt, None
        while len(written) < _MOST_TOKENS:
            made = whisper(
                encoder_outputs=encoded,
                decoder_input_ids=torch.tensor([given]),
                past_key_values=past,
                use_cache=True,
            )
            past = made.past_key_values
            logits: Any = made.logits[0, -1]
            logits[never if written else first] = -torch.inf
            token = int(logits.argmax())
            if token == end:
                break
            written.append(token)
            given = [token]
        return written

    return write_tokens
