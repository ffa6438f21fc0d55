"""From a model's name to verified files."""

import hashlib
from pathlib import Path

import pytest

from trax.errors import InvalidOption, ModelUnavailable
from trax.models import CATALOGUE, Kind, ModelEntry, ModelFinder, Origin
from trax.models import finder as finder_module
from trax.models.entry import PackagedFile

PACKAGED = [entry for entry in CATALOGUE.values() if entry.packaged]


@pytest.fixture
def finder(tmp_path: Path) -> ModelFinder:
    return ModelFinder(tmp_path / "models", offline=True)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """A model in two pieces in a package of the test's own, in the catalogue."""
    folder = tmp_path / "site" / "trax_test_weights"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "a.part").write_bytes(b"first ")
    (folder / "b.part").write_bytes(b"second")
    monkeypatch.syspath_prepend(str(folder.parent))
    file = PackagedFile(
        "model.bin",
        ("trax_test_weights/a.part", "trax_test_weights/b.part"),
        hashlib.sha256(b"first second").hexdigest(),
    )
    entry = ModelEntry(
        name="toy",
        kind=Kind.RECOGNITION,
        languages="none",
        licence="none",
        summary="",
        packaged=(file,),
        packages=("trax-test-weights",),
    )
    monkeypatch.setitem(CATALOGUE, "toy", entry)
    return entry


class TestCatalogue:
    def test_every_model_can_be_had_somewhere(self):
        """From a package or from the hub."""
        assert all(entry.hub or entry.packaged for entry in CATALOGUE.values())

    def test_every_model_states_its_licence(self):
        """Users must know what they may do."""
        assert all(entry.licence and entry.summary for entry in CATALOGUE.values())

    @pytest.mark.parametrize("entry", PACKAGED, ids=lambda entry: entry.name)
    def test_packaged_files_have_digests(self, entry):
        """64 hex digits; weights are not taken on trust."""
        assert entry.packages
        for file in entry.packaged:
            assert len(file.sha256) == 64
            int(file.sha256, 16)

    @pytest.mark.parametrize("entry", PACKAGED, ids=lambda entry: entry.name)
    def test_the_packages_that_make_demo_installs_carry_them(self, entry):
        """requirements/models.txt and the catalogue agree."""
        pins = (Path(__file__).parents[1] / "requirements" / "models.txt").read_text()
        assert all(f"{package}==" in pins for package in entry.packages)


@pytest.mark.real
class TestPackagedModels:
    @pytest.mark.parametrize("entry", PACKAGED, ids=lambda entry: entry.name)
    def test_packaged_models_are_put_together_and_verified(self, entry, models_folder):
        """Byte for byte what the catalogue expects."""
        model = ModelFinder(models_folder, offline=True).find(entry.name, entry.kind)
        assert model.origin is Origin.PACKAGE
        for file in entry.packaged:
            assert (
                hashlib.sha256((model.folder() / file.name).read_bytes()).hexdigest() == file.sha256
            )


class TestFinding:
    def test_pieces_are_joined(self, finder, package):
        """In order, once."""
        model = finder.find("toy", Kind.RECOGNITION)
        assert (model.folder() / "model.bin").read_bytes() == b"first second"
        assert model.folder() == model.folder()

    def test_a_damaged_copy_is_made_again(self, finder, package):
        """Checked before use, each time."""
        model = finder.find("toy", Kind.RECOGNITION)
        (model.folder() / "model.bin").write_bytes(b"broken")
        assert (model.folder() / "model.bin").read_bytes() == b"first second"

    def test_a_package_with_other_bytes_is_refused(self, finder, package, tmp_path):
        """A package that changed is not the model that was asked for."""
        (tmp_path / "site" / "trax_test_weights" / "a.part").write_bytes(b"evil ")
        with pytest.raises(ModelUnavailable, match="not the one expected"):
            finder.find("toy", Kind.RECOGNITION).folder()
        assert not list((tmp_path / "models" / "packaged").iterdir())

    def test_a_folder_comes_first(self, finder, package, tmp_path):
        """The user's own model of that name wins."""
        own = tmp_path / "models" / "toy"
        own.mkdir(parents=True)
        (own / "model.bin").write_bytes(b"mine")
        model = finder.find("toy", Kind.RECOGNITION)
        assert (model.origin, model.folder()) == (Origin.FOLDER, own)

    def test_a_path_is_a_model(self, finder, tmp_path):
        """Anything that holds the right file."""
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "model.bin").write_bytes(b"weights")
        model = finder.find(str(tmp_path / "mine"), Kind.RECOGNITION)
        assert model.revision == hashlib.sha256(b"weights").hexdigest()[:12]
        assert model.fingerprint == f"mine@{model.revision}"

    def test_other_weights_have_another_fingerprint(self, finder, tmp_path):
        """Caches must tell them apart."""
        prints = set()
        for name, weights in (("one", b"1"), ("two", b"2")):
            (tmp_path / name / "same").mkdir(parents=True)
            (tmp_path / name / "same" / "model.bin").write_bytes(weights)
            prints.add(finder.find(str(tmp_path / name / "same"), Kind.RECOGNITION).fingerprint)
        assert len(prints) == 2

    def test_a_missing_package_is_no_model(self, finder, package, tmp_path):
        """And the error says what to install."""
        (tmp_path / "site" / "trax_test_weights" / "b.part").unlink()
        with pytest.raises(ModelUnavailable, match="install the packages trax-test-weights"):
            finder.find("toy", Kind.RECOGNITION)

    def test_an_unknown_name_lists_the_known(self, finder):
        """For its kind."""
        with pytest.raises(ModelUnavailable, match=r"has only tiny\.en, base") as caught:
            finder.find("enormous", Kind.RECOGNITION)
        assert "packaged" not in str(caught.value).split("has only")[1]

    def test_a_model_for_something_else_is_refused(self, finder):
        """Base cannot tell speakers apart."""
        with pytest.raises(InvalidOption, match="a model for recognition, not for diarization"):
            finder.find("base", Kind.DIARIZATION)

    def test_a_gated_model_says_how_to_get_it(self, finder, monkeypatch, tmp_path):
        """Terms and token."""
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
        with pytest.raises(
            ModelUnavailable, match="accept the terms of pyannote/speaker-diarization-community-1"
        ):
            finder.find("community-1", Kind.DIARIZATION)

    def test_the_first_that_can_be_had_is_taken(self, finder, package):
        """`auto` goes down a list."""
        assert finder.first(["large-v3", "toy"], Kind.RECOGNITION).name == "toy"
        with pytest.raises(ModelUnavailable, match="large-v3 or medium"):
            finder.first(["large-v3", "medium"], Kind.RECOGNITION)

    def test_offline_never_asks_the_hub(self, finder, monkeypatch):
        """Not even whether it is there."""
        monkeypatch.setattr(finder_module, "_hub_answers", lambda: pytest.fail("asked"))
        assert finder.on_hub("large-v3", Kind.RECOGNITION) is None

    def test_a_hub_that_does_not_answer_is_no_hub(self, tmp_path, monkeypatch):
        """Told by one quick question, not by half a minute of retries."""
        monkeypatch.setattr(finder_module, "_hub_answers", lambda: False)
        assert ModelFinder(tmp_path).on_hub("large-v3", Kind.RECOGNITION) is None

    def test_without_a_token_gated_models_are_not_asked_for(self, tmp_path, monkeypatch):
        """The hub would refuse."""
        monkeypatch.setattr(finder_module, "_hub_answers", lambda: pytest.fail("asked"))
        assert ModelFinder(tmp_path).on_hub("community-1", Kind.DIARIZATION) is None

    def test_a_download_is_taken_from_the_hub(self, tmp_path, monkeypatch):
        """The snapshot's commit is the revision."""
        import huggingface_hub

        snapshot = tmp_path / "0123456789abcdef0123"
        monkeypatch.setattr(finder_module, "_hub_answers", lambda: True)
        monkeypatch.setattr(
            huggingface_hub, "snapshot_download", lambda *_args, **_options: str(snapshot)
        )
        model = ModelFinder(tmp_path).on_hub("large-v3", Kind.RECOGNITION)
        assert (model.origin, model.revision, model.folder()) == (
            Origin.HUB,
            "0123456789ab",
            snapshot,
        )
