"""Domain adapters: weights read back and merged, texts checked, examples split, training that goes
on where it stopped, the gate.
"""

import json
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from trax import engines as engines_module
from trax.adapters.adapted import adapted_model
from trax.adapters.card import AdapterCard, Interval, Judgement, Reading, Sample
from trax.adapters.checking import wrong_pairs
from trax.adapters.choosing import DomainChooser, clear_domain
from trax.adapters.ct2_file import ModelFile, read_model_file, write_model_file
from trax.adapters.cutting import pieces_by_words
from trax.adapters.examples import Example, SpokenExamples
from trax.adapters.hearing import HeardExample
from trax.adapters.judging import GateOptions, bootstrapped_gain, refused
from trax.adapters.merging import in_int8, merged
from trax.adapters.recipe import Recipe
from trax.adapters.shelf import AdapterShelf, fingerprint_of, from_safetensors, to_safetensors
from trax.adapters.sources import spoken_texts
from trax.adapters.splitting import split
from trax.adapters.windows import planned_windows, sounded
from trax.asr import RecognitionOptions
from trax.asr.adapting import adapted_passes
from trax.asr.assignment import AssignedPass
from trax.asr.evidence import WordHypothesis
from trax.asr.plan import Pass, Reads
from trax.audio import SAMPLE_RATE
from trax.engines import LoadedEngines
from trax.errors import InvalidDocument, InvalidOption, ModelUnavailable, NotFound
from trax.models import Kind, Model
from trax.models.finder import Origin
from trax.models.torchaudio_import import ensure_torchaudio
from trax.pipelines.transcribe import transcribe
from trax.revision import Replace
from trax.service import adapters as service
from trax.service.revisions import edit, edits_here
from trax.settings import Settings
from trax.stages.corrections import corrected_text
from trax.stages.options import TranscribeOptions
from trax.store import FolderStore
from trax.testing import ScriptedDecoder
from trax.testing.samples import words
from trax.testing.web_server import serving

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


@pytest.fixture
def base(tmp_path) -> Model:
    """A base model in a folder."""
    folder = tmp_path / "tiny"
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


# Weights


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
    with pytest.raises((InvalidDocument, ValueError)):
        merged(whisper_file(), wrong, 1.0)
    with pytest.raises(InvalidDocument, match="no LoRA"):
        merged(whisper_file(), {}, 1.0)


# Training


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


# Gathering


def test_every_usual_form_gives_recordings_with_their_text(tmp_path):
    """Lists in JSON, JSON lines and CSV, and texts beside recordings."""

    def folder(name, text):
        made = tmp_path / name
        made.mkdir()
        (made / "a.wav").write_bytes(b"")
        for file, content in text.items():
            (made / file).write_text(content)
        return made

    row = {"file": "a.wav", "reference": "one two", "speaker": "x", "slots": ["two"]}
    places = [
        folder("json", {"manifest.json": json.dumps([row])}),
        folder("lines", {"metadata.jsonl": '{"file_name": "a.wav", "text": "one two"}\n'}),
        folder("csv", {"metadata.csv": "file_name,transcription\na.wav,one two\n"}),
        folder("txt", {"a.txt": "one two"}),
        folder("srt", {"a.srt": "1\n00:00:00,000 --> 00:00:01,000\none two\n"}),
        folder("stm", {"a.stm": "a 1 x 0.0 1.0 one two\n"}),
    ]
    for place in places:
        (found,) = spoken_texts(place)
        assert " ".join(each.text for each in found.utterances) == "one two", place
    assert spoken_texts(places[0])[0].terms == ("two",)
    with pytest.raises(InvalidOption, match="no folder or list"):
        spoken_texts(tmp_path / "nowhere")
    (tmp_path / "bad.json").write_text('[{"reference": "x"}]')
    with pytest.raises(InvalidDocument, match="entry 1 names no file"):
        spoken_texts(tmp_path / "bad.json")


def test_shuffled_texts_are_set_aside_and_badly_heard_ones_are_not():
    """A text that another recording fits is wrong; one that is heard with mistakes is what is to be
    learnt.
    """
    pytest.importorskip("whisper_normalizer")
    texts = ["a large iced coffee with milk", "two small teas and a cake", "the bill please"]
    made = [
        example.model_copy(update={"text": text})
        for example, text in zip(examples(3).examples, texts, strict=True)
    ]
    right = [heard_as(each, each.text) for each in made]
    assert wrong_pairs(right) == {}
    mistaken = [heard_as(made[0], "a large ice covey with silk"), *right[1:]]
    assert wrong_pairs(mistaken) == {}
    turned = [heard_as(each, text) for each, text in zip(made, texts[1:] + texts[:1], strict=True)]
    assert set(wrong_pairs(turned)) == {0, 1, 2}


def test_no_text_and_no_speaker_is_both_learnt_from_and_judged_by():
    """What is said by others in the words that are judged by is left out."""
    pytest.importorskip("whisper_normalizer")
    some = list(examples(count=20, speakers=5).examples)
    same = [some[0].model_copy(update={"speaker": f"speaker {at}"}) for at in range(5)]
    parted, left_out = split([*some, *same])
    judged = [each for each in parted if each.part == "judge"]
    learnt = [each for each in parted if each.part == "train"]
    assert judged
    assert learnt
    assert not {each.speaker for each in judged} & {each.speaker for each in learnt}
    assert not {each.text for each in judged} & {each.text for each in learnt}
    assert len(parted) + len(left_out) == 25


def test_a_long_text_is_cut_where_its_words_were_heard():
    """Pieces of a minute's recording carry their own words, and are short enough to learn from."""
    text = " ".join(f"word{at}." for at in range(60))
    pieces = pieces_by_words(text, words(text, 0.0, 60.0), 60.0)
    assert " ".join(piece.text for piece in pieces) == text
    assert all(piece.end - piece.start <= 28.0 for piece in pieces)
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]


def test_only_lines_that_people_corrected_are_learnt_from(workspace, recording, engines):
    """The others nobody has read; a transcript that nobody has corrected is refused."""
    engines.text = "hello there. good morning."
    made = transcribe(workspace, recording, TranscribeOptions(formats=("txt",)))
    reference = made.transcript_id
    with pytest.raises(InvalidOption, match="nobody has corrected"):
        corrected_text(workspace, reference)
    document = workspace.repository.get(reference)
    changed = document.segments[-1].words[-1]
    edit(edits_here(workspace.revisions), reference, [Replace(word=changed.id, text="evening.")])
    found = corrected_text(workspace, reference)
    assert [each.text.split()[-1] for each in found.utterances] == ["evening."]
    assert len(found.utterances) < len(document.segments)
    recording.unlink()
    with pytest.raises(InvalidOption, match="is gone"):
        corrected_text(workspace, reference)


# The gate


def interval(value, low, high) -> Interval:
    return Interval(value=value, low=low, high=high)


def test_the_gate_refuses_few_examples_no_gain_and_lost_general_speech():
    """Each with a sentence that says why."""
    many = examples(count=60).examples
    parts = [
        each.model_copy(update={"part": "judge" if at < 15 else "train"})
        for at, each in enumerate(many)
    ]
    enough = examples(count=60).with_examples(parts)
    gain = interval(0.05, 0.02, 0.08)
    gate = GateOptions()
    assert refused(enough, gain, {}, gate) == ()
    (reason,) = refused(enough, interval(0.01, -0.01, 0.03), {}, gate)
    assert "no gain is certain" in reason
    (reason,) = refused(enough.with_examples(parts[:5]), gain, {}, gate)
    assert "too few examples" in reason
    ruined = {"base": Reading(errors=50, words=1000), "adapter": Reading(errors=60, words=1000)}
    (reason,) = refused(enough, gain, ruined, gate)
    assert "general speech gets worse by 1.0 points" in reason
    kept = {**ruined, "adapter": Reading(errors=52, words=1000)}
    assert refused(enough, gain, kept, gate) == ()


def test_a_gain_is_certain_only_if_most_examples_share_it():
    """One lucky example among many is no certain gain; the same for all of them is."""
    some = examples(count=20, speakers=20).examples
    before = [heard_as(each, "x", errors=1) for each in some]
    everywhere = [heard_as(each, "x", errors=0) for each in some]
    once = [everywhere[0], *before[1:]]
    assert bootstrapped_gain(before, everywhere).low > 0
    assert bootstrapped_gain(before, once).low <= 0


@pytest.mark.parametrize(("errors", "strength"), [(0, 1.0), (8, 0.35), (100, 1.0)])
def test_an_adapter_is_as_strong_as_general_speech_allows(monkeypatch, errors, strength):
    """It is made weaker until general speech is kept; if nothing helps it is judged as it is, and
    refused.
    """
    from trax.stages import judge

    general = [
        each.model_copy(update={"is_general": True, "part": "judge"})
        for each in examples(count=4).examples
    ]
    spoken = examples(count=4).with_examples(general)

    @contextmanager
    def merged_at(_model, _placement, _matrices, factor):
        yield factor

    def heard_at(factor, _spoken, some):
        return [heard_as(some[0], "x", errors=round(errors * factor))]

    monkeypatch.setattr(judge, "merged_decoder", merged_at)
    monkeypatch.setattr(judge, "heard", heard_at)
    learner = SimpleNamespace(decoder=0.0, model=None, placement=None)
    gate = GateOptions(most_loss=1.0)
    assert judge._strength(learner, b"", 1.0, spoken, gate) == strength


# Keeping and serving


def test_an_adapter_installed_again_is_the_next_version(tmp_path):
    """Its matrices replace the former ones, and are checked when they are read."""
    shelf = AdapterShelf(FolderStore(tmp_path))
    data = to_safetensors(matrices())
    first = shelf.put(card(), data)
    other = to_safetensors(matrices(scale=0.2))
    second = shelf.put(card(fingerprint=fingerprint_of(other)), other)
    assert (first.version, second.version) == (1, 2)
    assert shelf.all() == [second]
    assert shelf.matrices(second) == other
    shelf.remove(second)
    with pytest.raises(NotFound):
        shelf.named("orders")


def test_a_merged_model_is_made_once_and_only_for_its_own_base(base, tmp_path):
    """The merged files stay on the disk, and an adapter for other weights is refused."""
    shelf = AdapterShelf(FolderStore(tmp_path / "objects"))
    kept = shelf.put(card(), to_safetensors(matrices()))
    model = adapted_model(base, kept, shelf, tmp_path / "adapted", "int8")
    folder = model.folder()
    assert read_model_file(folder / "model.bin").is_quantized
    assert (folder / "config.json").is_file()
    made = (folder / "model.bin").stat().st_mtime_ns
    assert model.folder() == folder
    assert (folder / "model.bin").stat().st_mtime_ns == made
    assert kept.fingerprint in model.fingerprint
    exact = adapted_model(base, kept, shelf, tmp_path / "adapted", "float16").folder()
    assert not read_model_file(exact / "model.bin").is_quantized
    with pytest.raises(ModelUnavailable, match="train it again"):
        adapted_model(replace(base, revision="other"), kept, shelf, tmp_path, "int8")


def test_an_exported_adapter_comes_back_the_same(workspace, tmp_path):
    """With its card; a damaged file is refused."""
    data = to_safetensors(matrices())
    kept = workspace.shelf.put(card(), data)
    service.export(workspace, kept, tmp_path / "orders.zip")
    with zipfile.ZipFile(tmp_path / "orders.zip") as archive:
        assert "adapter_config.json" in archive.namelist()
    back = service.imported(workspace, tmp_path / "orders.zip", "other-orders")
    assert workspace.shelf.matrices(back) == data
    assert [each.name for each in service.saw(workspace, "ab" * 32)] == ["orders", "other-orders"]
    (tmp_path / "bad.zip").write_bytes(b"PK")
    with pytest.raises(InvalidDocument, match="no exported adapter"):
        service.imported(workspace, tmp_path / "bad.zip")


@pytest.fixture
def engines_with(tmp_path, monkeypatch):
    """Engines that find one small model, with the adapters that a test installs."""
    folder = tmp_path / "models" / "tiny.en"
    folder.mkdir(parents=True)
    write_model_file(folder / "model.bin", whisper_file())
    monkeypatch.setattr(engines_module, "load_whisper", lambda _model, _placement: object())
    settings = Settings(home=tmp_path, models_dir=tmp_path / "models", offline=True, device="cpu")

    def made(*names, **changes):
        shelf = AdapterShelf(FolderStore(tmp_path / "objects"))
        engines = LoadedEngines(settings, shelf)
        revision = engines.learner("tiny.en").model.revision
        for at, name in enumerate(names):
            data = to_safetensors(matrices(scale=0.1 + at / 10))
            known = {"base": "tiny.en", "base_revision": revision} | changes
            shelf.put(card(name, fingerprint=fingerprint_of(data), **known), data)
        return engines

    return made


def chosen(adapter: str) -> RecognitionOptions:
    return RecognitionOptions(model="tiny.en", language="en", adapter=adapter)


def test_two_domains_in_turn_load_nothing_twice(engines_with):
    """Forty jobs that alternate between two adapters load the base once and each adapter once."""
    engines = engines_with("orders", "wards")
    for at in range(40):
        recogniser = engines.recogniser(chosen(("orders", "wards")[at % 2]))
        for assigned in recogniser._english:
            assigned.decoder._loaded()
            assert assigned.decoder.name.startswith("tiny.en+")
    engines.learner("tiny.en").decoder._loaded()
    names = ["tiny.en+orders", "tiny.en+wards", "tiny.en"]
    assert engines.manager.loads == dict.fromkeys(names, 1)


def test_the_adapter_is_part_of_what_decides_words(engines_with):
    """Another adapter, or another version of one, gives other checkpoints; none gives those that
    there were before there was any.
    """
    plain = engines_with().recogniser(chosen("none")).fingerprint
    assert engines_with().recogniser(chosen("auto")).fingerprint == plain
    engines = engines_with("orders", "wards")
    found = [engines.recogniser(chosen(name)).fingerprint for name in ("orders", "wards", "none")]
    assert len(set(found)) == 3
    assert found[2] == plain
    assert "adapter" not in chosen("auto").model_dump()


def test_an_adapter_for_no_model_of_the_plan_is_refused(engines_with):
    """With its own models named; one that is not installed is not found."""
    engines = engines_with("orders", base="base")
    with pytest.raises(InvalidOption, match=r"orders is for base.*tiny\.en"):
        engines.recogniser(chosen("orders"))
    with pytest.raises(NotFound):
        engines.recogniser(chosen("nothing"))


def test_a_service_lists_adapters_without_a_word_of_what_they_learnt_from(workspace, home):
    """What each is worth, for whoever chooses one for a job."""
    said = Reading(errors=5, words=100)
    judged = Judgement(
        domain={"base": said, "adapter": Reading(errors=1, words=100)},
        gain=interval(0.04, 0.02, 0.06),
        samples=[Sample(said="a secret order", before="a", after="b")],
    )
    kept = card(passages=("a secret order",), judgement=judged)
    workspace.shelf.put(kept, to_safetensors(matrices()))
    with serving(workspace) as client:
        answer = client.get("/v1/adapters")
    (listed,) = answer.json()["items"]
    assert (listed["name"], listed["base"], listed["error_rate"]) == ("orders", "tiny", 0.01)
    assert "secret" not in answer.text


# Choosing


class Letters:
    """An embedding model that tells texts apart by which of three words they have."""

    fingerprint = "letters"

    def embed(self, texts):
        rows = [[text.count(word) + 0.01 for word in ("coffee", "patient", "a")] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_an_adapter_is_chosen_only_if_its_domain_is_clear():
    """Speech like its passages is read with it; other speech, or little of it, with none."""
    decoder = ScriptedDecoder(lambda _window, _options: [])
    passages = ("coffee coffee coffee", "coffee with coffee")
    chooser = DomainChooser([card(passages=passages)], Letters(), lambda _card: {"plain": decoder})
    clear = chooser.choose("coffee " * 20)
    assert clear.use.name == "orders"
    assert clear.decoders == {"plain": decoder}
    assert clear.use.evidence["orders"] > clear.use.evidence["general"]
    assert chooser.choose("a patient man had a cat and a dog " * 5).use.name == ""
    assert chooser.choose("coffee").use.name == ""
    assert clear_domain({"general": 0.55, "orders": 0.6}, ["orders"]) == ""


def test_passes_after_the_first_read_with_the_adapter():
    """A plan whose later passes read nothing again gets one that does."""
    plain = ScriptedDecoder(lambda _window, _options: [], fingerprint="plain")
    adapted = ScriptedDecoder(lambda _window, _options: [], fingerprint="adapted")
    first = AssignedPass(Pass(models=("x",)), plain)
    doubtful = AssignedPass(Pass(models=("x",), reads=Reads.DOUBTFUL), plain)
    rest = AssignedPass(Pass(models=("x",), reads=Reads.UNCOVERED), plain)
    found = adapted_passes(first, [doubtful, rest], {"plain": adapted})
    assert [each.decoder for each in found] == [adapted, adapted]
    found = adapted_passes(first, [rest], {"plain": adapted})
    assert [each.settings.reads for each in found] == [Reads.DOUBTFUL, Reads.UNCOVERED]
    assert adapted_passes(first, [rest], {}) == [rest]
