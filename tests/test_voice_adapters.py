"""Engines of voices whose weights come from the hub, with stand-ins for the weights."""

import json
import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from trax.audio import Waveform
from trax.errors import EngineError, InvalidOption, MissingPart, ModelUnavailable
from trax.models import Kind, ModelFinder, ModelManager
from trax.testing import tone
from trax.voice import narrator
from trax.voice.loaded import LoadedVoices

SMALL = {
    "sources": ["drums", "bass", "other", "vocals"],
    "channels": 8,
    "bottom_channels": 16,
    "depth": 2,
    "nfft": 512,
    "segment": 1,
    "t_layers": 1,
    "t_heads": 1,
}
REFERENCE = Waveform(tone(4.0), 16_000)


@pytest.fixture
def voices(tmp_path):
    """The engines, with models in a folder."""
    return LoadedVoices(ModelFinder(tmp_path, offline=True), ModelManager(), "cpu", 1)


def write_demucs(folder, klass="demucs.htdemucs.HTDemucs"):
    """A small network with random weights, as Demucs publishes its own."""
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(0)
    folder.mkdir()
    (folder / "htdemucs.yaml").write_text("models: ['small']\n")
    described = {"klass": klass, "args": "[]", "kwargs": json.dumps(SMALL)}
    state = {name: value.contiguous() for name, value in HTDemucs(**SMALL).state_dict().items()}
    save_file(state, folder / "small.safetensors", described)


class TestHTDemucs:
    def test_it_separates_any_channels_and_rate_from_a_folder(self, voices, tmp_path):
        """As many frames and channels as came in, whatever the blocks."""
        pytest.importorskip("demucs")
        write_demucs(tmp_path / "htdemucs")
        separator = voices.separator("htdemucs")
        mix = np.random.default_rng(0).normal(0, 0.1, (40_000, 3)).astype(np.float32)
        found = np.concatenate(list(separator.separate([mix[:17], mix[17:]], 16_000)))
        assert found.shape == mix.shape
        assert np.isfinite(found).all()
        assert found.any()
        assert "htdemucs" in separator.fingerprint

    def test_a_file_that_names_another_class_is_refused(self, voices, tmp_path):
        """What a file says of itself decides nothing but which file is refused."""
        pytest.importorskip("demucs")
        write_demucs(tmp_path / "htdemucs", klass="subprocess.Popen")
        with pytest.raises(ModelUnavailable, match=r"subprocess\.Popen"):
            list(voices.separator("htdemucs").separate([np.zeros((10, 2), np.float32)], 16_000))

    def test_on_a_cpu_the_fast_separator_goes_first(self, tmp_path, monkeypatch):
        """And on a GPU the better one."""
        asked = []

        def first(_self, names, kind):
            asked.append((tuple(names), kind))
            raise ModelUnavailable("both", "a test")

        monkeypatch.setattr(ModelFinder, "first", first)
        for device in ("cpu", "cuda"):
            engines = LoadedVoices(ModelFinder(tmp_path), ModelManager(), device, 1)
            with pytest.raises(ModelUnavailable):
                engines.separator()
        assert asked == [
            (("spleeter", "htdemucs"), Kind.SEPARATION),
            (("htdemucs", "spleeter"), Kind.SEPARATION),
        ]


class StandIn:
    """Chatterbox with a tone for a voice."""

    sr = 24_000
    said: list = []  # noqa: RUF012 - read by tests

    @classmethod
    def from_local(cls, folder, device):
        assert (folder / "t3_cfg.safetensors").is_file()
        assert device == "cpu"
        return cls()

    def generate(self, text, audio_prompt_path):
        import soundfile

        info = soundfile.info(audio_prompt_path)
        self.said.append((text, info.frames, info.samplerate, torch.rand(1).item()))
        if text == "fail":
            raise RuntimeError("out of memory")
        return torch.from_numpy(tone(1.2, self.sr))[None]


@pytest.fixture
def chatterbox(monkeypatch, tmp_path):
    """The package and the folder with its weights."""
    from importlib.machinery import ModuleSpec

    package, module = ModuleType("chatterbox"), ModuleType("chatterbox.tts")
    package.__spec__ = ModuleSpec("chatterbox", None)
    module.ChatterboxTTS = StandIn
    monkeypatch.setitem(sys.modules, "chatterbox", package)
    monkeypatch.setitem(sys.modules, "chatterbox.tts", module)
    monkeypatch.setattr("trax.voice.chatterbox._version", lambda _name: "0")
    folder = tmp_path / "chatterbox"
    folder.mkdir()
    (folder / "t3_cfg.safetensors").touch()
    StandIn.said.clear()


class TestChatterbox:
    def test_a_reference_is_cloned_where_the_package_and_its_weights_are(self, voices, chatterbox):
        """The reference reaches it whole, and speed is made by stretching."""
        cloned = narrator(voices, REFERENCE).say("One two.", "en", speed=1.2)
        assert cloned.duration == pytest.approx(1.0, abs=0.001)
        assert [said[:3] for said in StandIn.said] == [("One two.", 64_000, 16_000)]

    def test_the_same_text_is_sampled_from_the_same_beginning(self, voices, chatterbox):
        """And nobody else's random numbers change."""
        speaker = narrator(voices, REFERENCE)
        torch.manual_seed(7)
        expected = torch.rand(1).item()
        torch.manual_seed(7)
        speaker.say("One.", "en")
        assert torch.rand(1).item() == expected
        speaker.say("One.", "en")
        assert StandIn.said[0][3] == StandIn.said[1][3]

    def test_what_goes_wrong_is_said_in_a_sentence(self, voices, chatterbox):
        """Languages, failures of the model; nothing to say is no failure."""
        cloner = voices.cloner()
        with pytest.raises(InvalidOption, match="not French"):
            cloner.say_like("Bonjour", REFERENCE, "fr")
        with pytest.raises(EngineError, match="out of memory"):
            cloner.say_like("fail", REFERENCE, "en")
        assert len(cloner.say_like("...", REFERENCE, "en").samples) == 0

    def test_without_it_nothing_is_cloned_unless_asked_for(self, voices, tmp_path):
        """``auto`` never downloads gigabytes; by name it says what is missing."""
        assert voices.cloner() is None
        (tmp_path / "chatterbox").mkdir()
        (tmp_path / "chatterbox" / "t3_cfg.safetensors").touch()
        assert voices.cloner() is None
        with pytest.raises(MissingPart, match="chatterbox-tts"):
            voices.cloner("chatterbox")
