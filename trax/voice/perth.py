"""Perth's watermark: synthetic speech marked inaudibly."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from trax.audio import Waveform
from trax.audio.resampling import fitted, resample, resampled
from trax.errors import ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.models.torchaudio_import import LOADING_ERRORS
from trax.voice.perth_network import PerthNetwork, load_network

_SAMPLE_RATE = 32_000
_FFT = 2048
_HOP = 320
_LEAST = 8_000  # samples: shorter speech is padded
_FLOOR_DB, _HEADROOM_DB = -180.0, 15.0


class Perth:
    """Perth's network, loaded on first use.

    Args:
        model: a folder with ``perth.pth``.
        manager: keeps the network loaded.
    """

    def __init__(self, model: Model, manager: ModelManager | None = None) -> None:
        self._model = model
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names the network and its revision."""
        return self._model.fingerprint

    def mark(self, speech: Waveform) -> Waveform:
        """*speech* with the mark, about 15 dB below it; what lies above 16 kHz stays."""
        heard = resampled(speech, _SAMPLE_RATE).samples
        network = self._network
        with torch.inference_mode():
            spectrum = _spectrum(heard)
            marked = network.marked(_levels(spectrum))
            added = _magnitudes(marked) - _magnitudes(_levels(spectrum))
            turned = torch.polar(added.abs(), spectrum.angle()) * added.sign()
            difference = _sound(turned, max(len(heard), _LEAST))
        rest = resample(difference[: len(heard)], _SAMPLE_RATE, speech.sample_rate)
        return replace(speech, samples=speech.samples + fitted(rest, len(speech.samples)))

    def detect(self, speech: Waveform) -> float:
        """How sure it is that *speech* bears the mark; see `Watermark`."""
        heard = resampled(speech, _SAMPLE_RATE).samples
        if not heard.any():
            return 0.0
        network = self._network
        with torch.inference_mode():
            sureness = network.sureness(_levels(_spectrum(heard)))
        return min(max(sureness, 0.0), 1.0)

    @property
    def _network(self) -> PerthNetwork:
        return self._manager.get(self.fingerprint, self._measure, self._load)

    def _measure(self) -> Use:
        return Use(self._model.name, folder_size(self._model.folder()))

    def _load(self) -> PerthNetwork:
        try:
            return load_network(self._model.folder() / "perth.pth")
        except LOADING_ERRORS as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error


def _spectrum(samples: np.ndarray) -> Tensor:
    """Shape ``(1025, frames)``, a frame each 10 ms."""
    padded = fitted(samples, max(len(samples), _LEAST))
    return torch.stft(
        torch.from_numpy(np.ascontiguousarray(padded)),
        _FFT,
        _HOP,
        window=torch.hann_window(_FFT),
        return_complex=True,
    )


def _sound(spectrum: Tensor, frames: int) -> np.ndarray:
    window = torch.hann_window(_FFT)
    return torch.istft(spectrum, _FFT, _HOP, window=window, length=frames).numpy()


def _levels(spectrum: Tensor) -> Tensor:
    """Magnitudes in decibels, scaled so that 0 is the floor and 1 the headroom."""
    decibels = 20 * torch.log10(spectrum.abs().clip(10 ** (_FLOOR_DB / 20)))
    return (decibels - _FLOOR_DB) / (_HEADROOM_DB - _FLOOR_DB)


def _magnitudes(levels: Tensor) -> Tensor:
    decibels = levels * (_HEADROOM_DB - _FLOOR_DB) + _FLOOR_DB
    return 10.0 ** (decibels / 20).clip(max=10)
