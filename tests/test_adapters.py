"""Domain adapters kept, served and chosen."""

import json
import os
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from adapting import base_model, card, interval, matrices, whisper_file

from trax import engines as engines_module
from trax.adapters import adapted
from trax.adapters.adapted import adapted_model
from trax.adapters.card import Judgement, Reading, Sample
from trax.adapters.choosing import DomainChooser, clear_domain
from trax.adapters.ct2_file import read_model_file, write_model_file
from trax.adapters.seeing import sees
from trax.adapters.shelf import AdapterShelf, fingerprint_of, to_safetensors
from trax.asr import RecognitionOptions
from trax.asr.adapting import AdapterChoice, adapted_passes
from trax.asr.assignment import AssignedPass
from trax.asr.confidence import SHIPPED, load_calibration
from trax.asr.plan import Pass, Reads
from trax.asr.recogniser import PlannedRecogniser
from trax.compose import process_workspace
from trax.engines import LoadedEngines
from trax.errors import DamagedObject, InvalidDocument, InvalidOption, ModelUnavailable, NotFound
from trax.models import Model
from trax.pipelines.adapt import adapt_job
from trax.service import adapters as service
from trax.service import checks
from trax.settings import Settings
from trax.stages import install
from trax.stages.adapt_options import AdaptOptions
from trax.store import FolderStore
from trax.store.checkpoints import Checkpoint
from trax.testing import ScriptedDecoder
from trax.testing.web_server import serving
from trax.transcript import AdapterUse
from trax.work.values import StageResult


@pytest.fixture
def base(tmp_path) -> Model:
    """A base model in a folder."""
    return base_model(tmp_path / "tiny")


def test_an_adapter_installed_again_is_the_next_version(tmp_path):
    """Jobs that know the one before still find its matrices, until there is another."""
    objects = FolderStore(tmp_path)
    shelf = AdapterShelf(objects)
    data = to_safetensors(matrices())
    first = shelf.put(card(), data)
    other = to_safetensors(matrices(scale=0.2))
    second = shelf.put(card(fingerprint=fingerprint_of(other)), other)
    assert (first.version, second.version) == (1, 2)
    assert shelf.all() == [second]
    assert shelf.matrices(second) == other
    assert shelf.matrices(first) == data
    assert shelf.put(second, other).version == 2
    with pytest.raises(DamagedObject):
        shelf.matrices(first)
    weaker = shelf.put(card(fingerprint=second.fingerprint, scaling=1.0), other)
    assert weaker.version == 3
    shelf.remove(second)
    assert list(objects.list("adapters/")) == []
    with pytest.raises(NotFound):
        shelf.named("orders")


def test_an_adapter_that_is_removed_while_all_are_listed_is_no_error(tmp_path, monkeypatch):
    """It is left out."""
    shelf = AdapterShelf(FolderStore(tmp_path))
    kept = shelf.put(card(), to_safetensors(matrices()))
    monkeypatch.setattr(FolderStore, "read", lambda _self, _key: None)
    assert kept.name == "orders"
    assert shelf.all() == []


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
    weaker = card(scaling=0.5)
    assert adapted_model(base, weaker, shelf, tmp_path / "adapted", "int8").folder() != folder
    exact = adapted_model(base, kept, shelf, tmp_path / "adapted", "float16").folder()
    assert not read_model_file(exact / "model.bin").is_quantized
    with pytest.raises(ModelUnavailable, match="train it again"):
        adapted_model(replace(base, revision="other"), kept, shelf, tmp_path, "int8")


def test_a_damaged_adapter_does_not_stand_in_the_way_of_others(tmp_path, caplog):
    """It is named in the log and left out, and can be installed again."""
    objects = FolderStore(tmp_path)
    shelf = AdapterShelf(objects)
    data = to_safetensors(matrices())
    for name in ("orders", "wards"):
        shelf.put(card(name), data)
    objects.put_bytes("adapters/wards/tiny/card.json", b"{}")
    assert [each.name for each in shelf.all()] == ["orders"]
    assert "adapters/wards/tiny/card.json" in caplog.text
    shelf.put(card("wards"), data)
    assert [each.name for each in shelf.all()] == ["orders", "wards"]


def test_merged_models_make_room_for_each_other(base, tmp_path, monkeypatch):
    """Those that were not used for long go, and so does what a killed process left behind."""
    monkeypatch.setattr(adapted, "_MOST_KEPT", 2)
    shelf = AdapterShelf(FolderStore(tmp_path / "objects"))
    place = tmp_path / "adapted"
    own = place / "orders"
    left, fresh, removed = own / "partial-left", own / "partial-fresh", place / "gone" / "tiny-abc"
    for each in (left, fresh, removed):
        each.mkdir(parents=True)
    for each in (left, removed):
        os.utime(each, (0, 0))
    found = []
    for at in range(3):
        data = to_safetensors(matrices(scale=0.1 + at / 10))
        kept = shelf.put(card(fingerprint=fingerprint_of(data)), data)
        found.append(adapted_model(base, kept, shelf, place, "int8").folder())
        os.utime(found[-1], (at, at))
    assert set(place.glob("*/*")) == {*found[1:], fresh}


def test_nothing_is_left_of_an_adapter_that_is_removed(workspace, engines_with, tmp_path):
    """Neither its matrices nor the models that it was merged into, in any version, nor what its
    training kept.
    """
    engines = engines_with("orders", "wards")
    for name in ("orders", "wards"):
        for assigned in engines.recogniser(chosen(name))._english:
            assigned.decoder.model.folder()
    merged = engines._merged_models
    assert {each.parent.name for each in merged.glob("*/*")} == {"orders", "wards"}
    known = replace(workspace, engines=engines, objects=engines._shelf._objects)
    data = to_safetensors(matrices(scale=0.1))
    (tmp_path / "made").write_bytes(data)
    made = Checkpoint(stage="train", key="key", outputs={}, seconds=1.0)
    known.checkpoints.keep(made, {"adapter.safetensors": tmp_path / "made"})
    service.remove(known, "orders")
    assert list(known.checkpoints.all("train")) == []
    assert [each.parent.name for each in merged.glob("*/*")] == ["wards"]
    assert not (merged / "orders").exists()


@pytest.mark.parametrize("without", [(), ("ab" * 32,)])
def test_nothing_is_left_of_an_adapter_that_learnt_from_what_is_forgotten(
    workspace, monkeypatch, tmp_path, without
):
    """Whoever has it made again; otherwise the former version stays for jobs that know it."""
    former = workspace.shelf.put(card(), to_safetensors(matrices()))
    data = to_safetensors(matrices(scale=0.2))
    monkeypatch.setattr(install, "_card", lambda *_: card(fingerprint=fingerprint_of(data)))
    forgotten = []
    monkeypatch.setattr(
        type(workspace.engines), "forget_adapter", lambda _, it: forgotten.append(it)
    )
    made = {"adapter.safetensors": workspace.objects.put_bytes("made.safetensors", data)}
    result = StageResult(outputs=made, run=None)
    job = adapt_job(AdaptOptions(name="orders", sources=("a",), without=without))
    stage = install.INSTALL.prepare(
        workspace, job, examples=result, adapter=result, judgement=result
    )
    stage.make(tmp_path, lambda _share: None)
    kept = workspace.objects.stat(f"adapters/orders/tiny/{former.fingerprint}.safetensors")
    assert (kept is None) == bool(without)
    assert bool(forgotten) == bool(without)


def test_an_exported_adapter_comes_back_the_same(workspace, tmp_path):
    """With its card; a damaged file is refused."""
    data = to_safetensors(matrices())
    kept = workspace.shelf.put(card(scaling=0.7), data)
    service.export(workspace, kept, tmp_path / "orders.zip")
    with zipfile.ZipFile(tmp_path / "orders.zip") as archive:
        config = json.loads(archive.read("adapter_config.json"))
    assert config["lora_alpha"] / config["r"] == pytest.approx(0.7)
    back = service.imported(workspace, tmp_path / "orders.zip", "other-orders")
    assert workspace.shelf.matrices(back) == data
    assert [each.name for each in service.saw(workspace, "ab" * 32)] == ["orders", "other-orders"]


def test_the_command_lists_shows_passes_on_and_removes(trax):
    """Whatever was said in the examples that it shows."""
    said = Reading(errors=5, words=100)
    judged = Judgement(
        domain={"base": said, "adapter": Reading(errors=1, words=100)},
        gain=interval(0.04, 0.02, 0.06),
        samples=[Sample(said="a [b] order", before="a", after="[/b]")],
        strength=0.35,
    )
    data = to_safetensors(matrices())
    process_workspace().shelf.put(card(judgement=judged), data)
    assert "1.0 %" in trax("adapt").output
    shown = trax("adapt", "show", "orders").output
    assert "[/b]" in shown
    assert "allows 35%" in shown
    assert "a[1].zip" in trax("adapt", "export", "orders", "-o", "a[1].zip").output
    assert "others" in trax("adapt", "import", "a[1].zip", "--name", "others").output
    assert trax("adapt", "remove", "orders", "-y").exit_code == 0
    assert [each.name for each in process_workspace().shelf.all()] == ["others"]


def test_what_is_no_exported_adapter_is_refused_in_a_sentence(workspace, tmp_path):
    """Whatever is wrong with the file, nothing is installed."""
    kept = workspace.shelf.put(card(), to_safetensors(matrices()))
    service.export(workspace, kept, tmp_path / "orders.zip")
    whole = (tmp_path / "orders.zip").read_bytes()
    bad = tmp_path / "bad.zip"
    for content in (b"PK", whole[:40] + bytes(300) + whole[340:]):
        bad.write_bytes(content)
        with pytest.raises(InvalidDocument, match="no exported adapter"):
            service.imported(workspace, bad, "bad")
    text = kept.model_dump_json()
    unread = '"judgement":{"domain":{},"gain":{"value":0,"low":0,"high":0}}'
    for changed, reason in (
        (text.replace('"base":"tiny"', '"base":"../tiny"'), "for no model"),
        (text.replace('"judgement":null', unread), "no exported adapter"),
    ):
        assert changed != text
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr("card.json", changed)
            archive.writestr("adapter_model.safetensors", workspace.shelf.matrices(kept))
        with pytest.raises(InvalidDocument, match=reason):
            service.imported(workspace, bad, "bad")
    assert [each.name for each in workspace.shelf.all()] == ["orders"]


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


def test_an_adapter_for_former_weights_is_not_chosen(engines_with, monkeypatch):
    """After an update of the model, speech like its passages is read without it."""
    monkeypatch.setattr(LoadedEngines, "embedder", lambda _self: Letters())
    known = {"passages": ("coffee",)}
    assert engines_with("orders", **known).recogniser(chosen("auto"))._chooser is not None
    former = engines_with("orders", base_revision="former", **known)
    assert former.recogniser(chosen("auto"))._chooser is None


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


def test_an_adapter_is_its_owners_and_theirs_with_whom_it_is_shared(world, monkeypatch):
    """Nobody else learns of it, reads with it or removes it; what is nobody's is everybody's."""
    shelf = world.workspace.shelf
    data = to_safetensors(matrices())
    shelf.put(card("all"), data)
    shelf.put(card("mine", account=world.account, folder_id=world.folder), data)
    monkeypatch.setattr(checks, "open_objects", lambda _settings: world.workspace.objects)
    for who, names in (
        ("owner", ["all", "mine"]),
        ("viewer", ["all", "mine"]),
        ("admin", ["all", "mine"]),
        ("stranger", ["all"]),
    ):
        listed = world.ask(who, "GET", "/v1/adapters").json()["items"]
        assert [each["name"] for each in listed] == names
    options = {"recognition": {"adapter": "mine"}}
    for who, status in (("owner", 202), ("stranger", 404)):
        sent = world.ask(who, "PUT", "/v1/uploads/b.wav", content=world.data).json()
        body = {"upload": sent["id"], "options": options}
        assert world.ask(who, "POST", "/v1/jobs", json=body).status_code == status
    for who, name, status in (
        ("stranger", "mine", 404),
        ("viewer", "mine", 403),
        ("owner", "all", 403),
        ("owner", "mine", 204),
    ):
        assert world.ask(who, "DELETE", f"/v1/adapters/{name}").status_code == status
    with pytest.raises(InvalidOption, match="another person's"):
        shelf.put(card("all", account=world.account), data)


def test_no_adapter_is_taken_that_a_user_may_not_see(engines_with, monkeypatch, world):
    """Neither by meaning nor by name."""
    monkeypatch.setattr(LoadedEngines, "embedder", lambda _self: Letters())
    stranger = world.workspace.users.get("stranger").id
    engines = engines_with("orders", account=world.account, passages=("coffee",))
    own, others = (sees(world.workspace.database, each) for each in (world.account, stranger))
    assert engines.recogniser(chosen("auto"), own)._chooser is not None
    assert engines.recogniser(chosen("auto"), others)._chooser is None
    with pytest.raises(NotFound):
        engines.recogniser(chosen("orders"), others)


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


def test_an_adapter_that_no_pass_read_with_is_not_said_to_be_used():
    """The domain may be an adapter's whose model does not read the recording's language."""
    plain = ScriptedDecoder(lambda _window, _options: [], fingerprint="plain")
    other = ScriptedDecoder(lambda _window, _options: [], fingerprint="other")
    use = AdapterUse(name="orders", version=2, by="meaning", evidence={"orders": 0.7})
    for base, name in (("plain", "orders"), ("another", "")):
        choice = AdapterChoice(use=use, decoders={base: other})
        chooser = SimpleNamespace(choose=lambda _text, choice=choice: choice)
        passes = [Pass(models=("x",))]
        planned = PlannedRecogniser(passes, [plain], [], load_calibration(SHIPPED), chooser=chooser)
        _later, found = planned._with_adapter(planned._english, [])
        assert (found.name, found.evidence) == (name, {"orders": 0.7})


def test_passes_after_the_first_read_with_the_adapter():
    """A plan whose later passes read nothing again gets one that does."""
    plain = ScriptedDecoder(lambda _window, _options: [], fingerprint="plain")
    read = ScriptedDecoder(lambda _window, _options: [], fingerprint="adapted")
    first = AssignedPass(Pass(models=("x",)), plain)
    doubtful = AssignedPass(Pass(models=("x",), reads=Reads.DOUBTFUL), plain)
    rest = AssignedPass(Pass(models=("x",), reads=Reads.UNCOVERED), plain)
    found = adapted_passes(first, [doubtful, rest], {"plain": read})
    assert [each.decoder for each in found] == [read, read]
    found = adapted_passes(first, [rest], {"plain": read})
    assert [each.settings.reads for each in found] == [Reads.DOUBTFUL, Reads.UNCOVERED]
    assert adapted_passes(first, [rest], {}) == [rest]
