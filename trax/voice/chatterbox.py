"""Speech in the voice of a recording, with Chatterbox (Resemble AI; code and weights MIT).

Everything that it says bears Perth's watermark already.
"""

import tempfile
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from trax.audio import Waveform
from trax.errors import EngineError, MissingPart, ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.models.torchaudio_import import LOADING_ERRORS, ensure_torchaudio
from trax.transcript.languages import ENGLISH
from trax.voice.engine import check_language
from trax.voice.stretching import stretched

_version = cache(metadata.version)  # it reads files

_SEED = 1
"""Sampling begins here each time, so that the same text is said in the same way."""


def is_installed() -> bool:
    """Whether the package is there."""
    return find_spec("chatterbox") is not None


class Chatterbox:
    """Chatterbox, loaded on first use.

    Args:
        model: a folder with the weights of ``ResembleAI/chatterbox``.
        device: ``cpu`` or ``cuda``.
        manager: keeps the model loaded.
    """

    def __init__(self, model: Model, device: str, manager: ModelManager | None = None) -> None:
        if not is_installed():
            raise MissingPart("install the package chatterbox-tts to clone voices")
        self._model = model
        self._device = device
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names weights, library, seed and device."""
        library = f"chatterbox-tts-{_version('chatterbox-tts')}"
        return f"{self._model.fingerprint}/{library}/seed-{_SEED}/{self._device}"

    @property
    def languages(self) -> frozenset[str]:
        """English; the weights for 23 languages are another model."""
        return frozenset({ENGLISH})

    def say_like(
        self, text: str, reference: Waveform, language: str, speed: float = 1.0
    ) -> Waveform:
        """Say *text* as in *reference*; other speeds are stretched; see `Cloner`."""
        check_language(language, self.languages)
        model = self._loaded
        if not any(letter.isalnum() for letter in text):
            return Waveform(np.zeros(0, np.float32), model.sr)
        said = Waveform(self._said(model, text, reference), model.sr)
        return stretched(said, said.duration / speed)

    def _said(self, model: Any, text: str, reference: Waveform) -> Any:
        import torch

        with tempfile.TemporaryDirectory(prefix="trax-reference-") as folder:
            path = Path(folder) / "reference.wav"
            soundfile.write(path, reference.samples, reference.sample_rate, "FLOAT")
            try:
                with torch.random.fork_rng():
                    torch.manual_seed(_SEED)
                    made = model.generate(text, audio_prompt_path=str(path))
            except Exception as error:
                raise EngineError(f"speech could not be synthesised: {error}") from error
        return np.asarray(made, dtype=np.float32).ravel()

    @property
    def _loaded(self) -> Any:
        return self._manager.get(self.fingerprint, self._measure, self._load)

    def _measure(self) -> Use:
        return Use(self._model.name, folder_size(self._model.folder()))

    def _load(self) -> Any:
        try:
            ensure_torchaudio()
            from chatterbox.tts import ChatterboxTTS

            return ChatterboxTTS.from_local(self._model.folder(), self._device)
        except LOADING_ERRORS as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error
