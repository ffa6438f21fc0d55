"""Small models, adapters and examples that tests of adapters share."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from trax.adapters.card import AdapterCard, Interval
from trax.adapters.ct2_file import ModelFile, write_model_file
from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.hearing import HeardExample
from trax.adapters.merging import in_int8
from trax.adapters.shelf import fingerprint_of, to_safetensors
from trax.asr.evidence import WordHypothesis
from trax.audio import SAMPLE_RATE
from trax.models import Kind, Model
from trax.models.finder import Origin
from trax.models.torchaudio_import import ensure_torchaudio
from trax.testing.samples import words

WIDTH, VOCABULARY = 64, 51_864


def needs_training() -> None:
    """Skip where the extra is not installed."""
    ensure_torchaudio()  # which both import
    pytest.importorskip("peft")
    pytest.importorskip("transformers")


def whisper_file(quantized=False) -> ModelFile:
    """A Whisper model of one layer with random weights, stored as CTranslate2 does."""
    rng = np.random.default_rng(1)

    def some(*shape):
        return (rng.standard_normal(shape) * 0.05).astype(np.float16)

    variables = {
        "decoder/embeddings/weight": some(VOCABULARY, WIDTH),
        "decoder/num_heads": np.array(2, dtype=np.int16),
        "decoder/position_encodings/encodings": some(448, WIDTH),
        "encoder/conv1/weight": some(WIDTH, 80, 3),
        "encoder/conv1/bias": some(WIDTH),
        "encoder/conv2/weight": some(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": some(WIDTH),
        "encoder/num_heads": np.array(2, dtype=np.int16),
        "encoder/position_encodings/encodings": some(1500, WIDTH),
    }
    shapes = {
        "self_attention/linear_0": (3 * WIDTH, WIDTH),
        "self_attention/linear_1": (WIDTH, WIDTH),
        "ffn/linear_0": (2 * WIDTH, WIDTH),
        "ffn/linear_1": (WIDTH, 2 * WIDTH),
    }
    crossed = {
        "attention/linear_0": (WIDTH, WIDTH),
        "attention/linear_1": (2 * WIDTH, WIDTH),
        "attention/linear_2": (WIDTH, WIDTH),
    }
    norms = ["self_attention/layer_norm", "ffn/layer_norm"]
    for side in ("encoder", "decoder"):
        is_decoder = side == "decoder"
        layer = f"{side}/layer_0"
        for name, shape in (shapes | crossed if is_decoder else shapes).items():
            variables[f"{layer}/{name}/weight"] = some(*shape)
            variables[f"{layer}/{name}/bias"] = some(shape[0])
        for name in [*norms, "attention/layer_norm"] if is_decoder else norms:
            variables[f"{layer}/{name}/gamma"] = some(WIDTH)
            variables[f"{layer}/{name}/beta"] = some(WIDTH)
        variables[f"{side}/layer_norm/gamma"] = some(WIDTH)
        variables[f"{side}/layer_norm/beta"] = some(WIDTH)
    for name, values in variables.items():  # keys have no bias
        if name.endswith("self_attention/linear_0/bias"):
            values[WIDTH : 2 * WIDTH] = 0
        if name.endswith("/attention/linear_1/bias"):
            values[:WIDTH] = 0
    aliases = {"decoder/projection/weight": "decoder/embeddings/weight"}
    model = ModelFile("WhisperSpec", 3, variables, aliases)
    return in_int8(model) if quantized else model


def matrices(rank=2, scale=0.1) -> dict[str, np.ndarray]:
    """LoRA matrices for the decoder's cross attention, by peft's names."""
    rng = np.random.default_rng(2)
    found = {}
    for name in ("q_proj", "v_proj"):
        linear = f"base_model.model.model.decoder.layers.0.encoder_attn.{name}"
        down = rng.standard_normal((rank, WIDTH)) * scale
        up = rng.standard_normal((WIDTH, rank)) * scale
        found[f"{linear}.lora_A.weight"] = down.astype(np.float32)
        found[f"{linear}.lora_B.weight"] = up.astype(np.float32)
    return found


def base_model(folder: Path) -> Model:
    """A base model, whose files are written into *folder*."""
    folder.mkdir()
    write_model_file(folder / "model.bin", whisper_file())
    (folder / "config.json").write_text("{}")
    return Model("tiny", Kind.RECOGNITION, Origin.FOLDER, "abc", lambda: folder, frozenset({"en"}))


def card(name="orders", **changes) -> AdapterCard:
    """A card for the base model above."""
    data = to_safetensors(matrices())
    known = {
        "name": name,
        "base": "tiny",
        "base_revision": "abc",
        "fingerprint": fingerprint_of(data),
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "recordings": {"ab" * 32: "one.wav"},
    }
    return AdapterCard(**known | changes)


def examples(count=6, speakers=3, seconds=2.0, **changes) -> SpokenExamples:
    """Examples of noise, each with another text."""
    samples = round(seconds * SAMPLE_RATE)
    rng = np.random.default_rng(3)
    sound = (rng.standard_normal(count * samples) * 1000).astype(np.int16)
    made = [
        Example(
            text=f"order number {at}",
            source=f"{at}.wav",
            speaker=f"speaker {at % speakers}",
            first_sample=at * samples,
            samples=samples,
            **changes,
        )
        for at in range(count)
    ]
    return SpokenExamples(tuple(made), sound)


def heard_as(example: Example, text: str, errors=0) -> HeardExample:
    """An example in which *text* was heard."""
    found = tuple(WordHypothesis(word.start, word.end, word.text) for word in words(text, 0.0, 2.0))
    return HeardExample(example, found, errors, len(example.text.split()), 0)


def interval(value, low, high) -> Interval:
    return Interval(value=value, low=low, high=high)
