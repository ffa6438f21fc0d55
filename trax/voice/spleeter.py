"""Voices from background with Spleeter's two stems: fast on a CPU."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trax.errors import ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.models.torchaudio_import import LOADING_ERRORS
from trax.voice.engine import Block
from trax.voice.spleeter_network import SpleeterNetwork, load_network
from trax.voice.stereo import StereoWindows

VERSION = 1
"""Grows whenever the same sound comes to be separated otherwise."""

_SAMPLE_RATE = 44_100
_FFT = 4096
_HOP = 1024
_BINS = 1024  # that the networks see: up to 11 kHz
_TOP_BINS = 256  # whose mean share is taken for what lies above
_FRAMES = 512  # that the networks see at once
_WINDOWS = StereoWindows(
    sample_rate=_SAMPLE_RATE,
    window=(_FRAMES - 1) * _HOP / _SAMPLE_RATE,
    overlap=1.0,
)
_TINY = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class _Networks:
    """One network a stem."""

    voices: SpleeterNetwork
    background: SpleeterNetwork


class Spleeter:
    """Spleeter's two stems, loaded on first use.

    Args:
        model: a folder with ``voices.ckpt`` and ``background.ckpt``.
        device: ``cpu`` or ``cuda``.
        manager: keeps the networks loaded.
    """

    def __init__(self, model: Model, device: str, manager: ModelManager | None = None) -> None:
        self._model = model
        self._device = torch.device(device)
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names method, weights, library and device."""
        library = f"torch-{torch.__version__.partition('+')[0]}"
        return f"trax-spleeter-{VERSION}/{self._model.fingerprint}/{library}/{self._device.type}"

    def separate(self, blocks: Iterable[Block], sample_rate: int) -> Iterator[Block]:
        """The voices, in windows of 12 s; see `Separator`."""
        return _WINDOWS.separate(blocks, sample_rate, self._stereo_voices)

    def _stereo_voices(self, stereo: Block) -> Block:
        networks = self._networks
        with torch.inference_mode():
            samples = torch.from_numpy(np.ascontiguousarray(stereo.T)).to(self._device)
            window = torch.hann_window(_FFT, device=self._device)
            spectrum = torch.stft(
                samples, _FFT, _HOP, window=window, pad_mode="constant", return_complex=True
            )
            shares = _shares(networks, spectrum.abs()[:, :_BINS])
            masked = spectrum * shares
            voices = torch.istft(masked, _FFT, _HOP, window=window, length=len(stereo))
        return np.asarray(voices.cpu().numpy().T, dtype=np.float32)

    @property
    def _networks(self) -> _Networks:
        return self._manager.get(self.fingerprint, self._measure, self._load)

    def _measure(self) -> Use:
        return Use(self._model.name, folder_size(self._model.folder()))

    def _load(self) -> _Networks:
        folder = self._model.folder()
        try:
            voices = load_network(folder / "voices.ckpt")
            background = load_network(folder / "background.ckpt")
        except LOADING_ERRORS as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error
        return _Networks(voices.to(self._device), background.to(self._device))


def _shares(networks: _Networks, magnitudes: Tensor) -> Tensor:
    """The voices' share of each bin's energy, shape ``(2, 2049, frames)``.

    Above the networks' bins it is the mean of the topmost ones.

    Args:
        magnitudes: shape ``(2, 1024, frames)``, at most 512 frames.
    """
    frames = magnitudes.shape[2]
    padded = functional.pad(magnitudes, (0, _FRAMES - frames)).transpose(1, 2)[None]
    voices = networks.voices(padded) ** 2
    background = networks.background(padded) ** 2
    shares = (voices + _TINY / 2) / (voices + background + _TINY)
    seen = shares[0].transpose(1, 2)[:, :, :frames]
    above = seen[:, -_TOP_BINS:].mean(dim=1, keepdim=True)
    return torch.cat([seen, above.expand(-1, _FFT // 2 + 1 - _BINS, -1)], dim=1)
