"""Adapters as weights: read back and merged, trained on where a process stopped."""

from dataclasses import replace

import numpy as np
import pytest
from adapting import VOCABULARY, WIDTH, base_model, examples, matrices, needs_training, whisper_file

from trax.adapters.ct2_file import read_model_file, write_model_file
from trax.adapters.merging import in_int8, merged
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import from_safetensors, to_safetensors
from trax.adapters.windows import planned_windows, sounded
from trax.audio import SAMPLE_RATE
from trax.errors import InvalidDocument
from trax.models import Model


@pytest.fixture
def base(tmp_path) -> Model:
    """A base model in a folder."""
    return base_model(tmp_path / "tiny")


def test_a_model_file_is_read_and_written_to_the_byte(tmp_path):
    """What is read and written again is the same file."""
    write_model_file(tmp_path / "one.bin", whisper_file())
    write_model_file(tmp_path / "two.bin", read_model_file(tmp_path / "one.bin"))
    assert (tmp_path / "one.bin").read_bytes() == (tmp_path / "two.bin").read_bytes()


def test_what_is_no_model_file_is_refused_in_a_sentence(tmp_path):
    """A file of something else leaves no traceback."""
    (tmp_path / "model.bin").write_bytes(b"nothing of the kind")
    with pytest.raises(InvalidDocument, match="no CTranslate2 model"):
        read_model_file(tmp_path / "model.bin")


def test_weights_come_back_from_transformers_as_they_were():
    """CTranslate2's own converter makes the same variables of the transformers model again, in
    float16 and in int8.
    """
    needs_training()
    from ctranslate2.converters.transformers import WhisperLoader

    from trax.adapters.whisper_torch import transformers_model

    stored = whisper_file()
    for arithmetic, ours in (("float16", stored), ("int8", in_int8(stored))):
        spec = WhisperLoader().get_model_spec(transformers_model(stored))
        spec.register_vocabulary([str(at) for at in range(VOCABULARY)])
        spec.validate()
        spec.optimize(arithmetic)
        converted = {
            name: value.numpy()
            for name, value in spec.variables(ordered=True)
            if not isinstance(value, str)
        }
        for name, values in ours.variables.items():
            assert values.dtype == converted[name].dtype, name
            assert np.array_equal(values, converted[name]), name


def test_a_merged_adapter_says_what_peft_says():
    """The merged model has the logits of peft's model with the adapter on."""
    needs_training()
    import torch

    from trax.adapters.lora import LoraTraining
    from trax.adapters.whisper_torch import transformers_model

    exact = whisper_file()
    exact = replace(
        exact,
        variables={
            name: values.astype(np.float32) if values.dtype == np.float16 else values
            for name, values in exact.variables.items()
        },
    )
    training = LoraTraining(transformers_model(exact), Recipe(rank=2), 1, "cpu")
    tensors = training.tensors()
    rng = np.random.default_rng(0)
    for name, values in tensors.items():
        tensors[name] = (rng.standard_normal(values.shape) * 0.5).astype(np.float32)
    from peft import set_peft_model_state_dict

    state = {name: torch.from_numpy(values) for name, values in tensors.items()}
    set_peft_model_state_dict(training.model, state)
    given = {
        "input_features": torch.randn(1, 80, 3000),
        "decoder_input_ids": torch.tensor([[1, 2, 3]]),
    }
    plain = transformers_model(merged(exact, tensors, 2.0))
    with torch.no_grad():
        theirs = training.model.eval()(**given).logits
        ours = plain.eval()(**given).logits
        without = transformers_model(exact).eval()(**given).logits
    assert torch.allclose(theirs, ours, atol=1e-4)
    assert not torch.allclose(without, ours, atol=1e-3)


def test_an_adapter_changes_the_rows_that_it_is_for_and_no_others():
    """Of a fused matrix only the query's or the value's rows change."""
    model = whisper_file()
    changed = merged(model, matrices(), 1.0)
    name = "decoder/layer_0/attention/linear_1/weight"
    before, after = model.matrix(name), changed.matrix(name)
    assert np.array_equal(before[:WIDTH], after[:WIDTH])
    assert not np.array_equal(before[WIDTH:], after[WIDTH:])
    others = set(model.variables) - {name, "decoder/layer_0/attention/linear_0/weight"}
    assert all(model.variables[each] is changed.variables[each] for each in others)


def test_weights_in_int8_take_an_adapter():
    """A model that is stored in int8 gets the adapter, too, rounded once more."""
    exact = merged(whisper_file(), matrices(), 1.0)
    rounded = merged(whisper_file(quantized=True), matrices(), 1.0)
    name = "decoder/layer_0/attention/linear_0/weight"
    assert rounded.variables[name].dtype == np.int8
    assert np.abs(exact.matrix(name) - rounded.matrix(name)).max() < 0.01


def test_an_adapter_of_another_size_is_refused():
    """Matrices that do not fit are no adapter for the model."""
    wrong = {name: values[:, :3] for name, values in matrices().items()}
    with pytest.raises(InvalidDocument, match="another size"):
        merged(whisper_file(), wrong, 1.0)
    halves = {
        name: values if "lora_A" in name else values[:, :1] for name, values in matrices().items()
    }
    with pytest.raises(InvalidDocument, match="do not fit"):
        merged(whisper_file(), halves, 1.0)
    with pytest.raises(InvalidDocument, match="no LoRA"):
        merged(whisper_file(), {}, 1.0)


@pytest.fixture
def tokenizer():
    """Tokens by letters, with those that Whisper has for itself."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

    letters = {letter: at for at, letter in enumerate(" abcdefghijklmnopqrstuvwxyz0123456789")}
    made = Tokenizer(BPE(letters, []))
    special = ["<|startoftranscript|>", "<|endoftext|>", "<|notimestamps|>"]
    made.add_special_tokens(special)
    made.add_tokens([f"<|{at * 0.02:.2f}|>" for at in range(1501)])
    return made


def trained(base, tokenizer, folder, *, stop_at=None):
    """The adapter after four steps; stopped before the one numbered *stop_at*."""
    from trax.adapters import training

    tokenizer.save(str(base.folder() / "tokenizer.json"))
    recipe = Recipe(rank=2, rounds=0.1, least_steps=4, batch=1, replay=0.3)
    spoken = examples()
    general = [each.model_copy(update={"is_general": True}) for each in spoken.examples[4:]]
    spoken = spoken.with_examples([*spoken.examples[:4], *general])

    def on_step(standing):
        if standing.step == stop_at:
            raise KeyboardInterrupt

    place = training.Place("cpu", 1, folder)
    return to_safetensors(training.train(base, spoken, recipe, place, on_step).tensors)


def test_a_training_that_was_stopped_gives_the_same_bytes(base, tokenizer, tmp_path, monkeypatch):
    """Whoever is killed at a step goes on from the state kept before it, to the same adapter."""
    needs_training()
    from trax.adapters import training

    monkeypatch.setattr(training, "_SAVED_EVERY", 2)
    whole = trained(base, tokenizer, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        trained(base, tokenizer, tmp_path / "stopped", stop_at=3)
    assert (tmp_path / "stopped" / "training.pt").is_file()
    assert trained(base, tokenizer, tmp_path / "stopped") == whole
    (tmp_path / "stopped" / "training.pt").write_bytes(bytes(1000))
    assert trained(base, tokenizer, tmp_path / "stopped") == whole
    up = [values for name, values in from_safetensors(whole).items() if "lora_B" in name]
    assert any(np.any(each) for each in up)


def test_windows_are_drawn_by_seed_and_number_alone():
    """The same window has the same sound in whatever order windows are made."""
    spoken = examples(count=12)
    recipe = Recipe(seed=7)
    lots = planned_windows(spoken.examples, (), recipe)
    assert lots == planned_windows(spoken.examples, (), recipe)
    assert lots != planned_windows(spoken.examples, (), Recipe(seed=8))
    late = sounded(spoken, lots[1], recipe, 1)
    sounded(spoken, lots[0], recipe, 0)
    assert np.array_equal(late.samples, sounded(spoken, lots[1], recipe, 1).samples)
    assert len(late.samples) <= 30 * SAMPLE_RATE
    assert all(said.start < said.end <= 30.0 for said in late.said)


def test_general_speech_comes_round_as_often_as_the_recipe_says():
    """A share of the windows has general speech, and no window has both."""
    spoken = examples(count=12)
    domain = spoken.examples[:8]
    general = [each.model_copy(update={"is_general": True}) for each in spoken.examples[8:]]
    lots = planned_windows(domain, general, Recipe(replay=0.25, least_steps=20, batch=2))
    kinds = [{each.is_general for each in lot} for lot in lots]
    assert all(len(kind) == 1 for kind in kinds)
    assert sum(True in kind for kind in kinds) == len(lots) // 4
