"""Perth's network: a mark put into speech's spectrogram, and found again.

Perceptual Threshold (Resemble AI, MIT): a convolutional encoder adds to the magnitudes below 2 kHz
what the ear does not notice beside them, and a decoder that listens at three tempos finds it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

BINS = 128  # below 2 kHz
_HIDDEN = 256
_WIDE = 7  # frames that a convolution sees
_LAYERS = 5
_TEMPOS = {"slow_layers": 1.25, "normal_layers": 1.0, "fast_layers": 0.75}
_QUIET = 0.05  # share of the loudest frame's magnitudes below which a frame is left alone


class PerthNetwork(nn.Module):
    """Marks magnitudes, and finds the mark in them."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleDict({"layers": _layers(BINS)})
        self.decoder = nn.ModuleDict({name: _layers(2) for name in _TEMPOS})

    def marked(self, magnitudes: Tensor) -> Tensor:
        """*magnitudes*, shape ``(bins, frames)``, with the mark."""
        added = self.encoder["layers"](magnitudes[None, :BINS])[0]
        quiet = torch.zeros_like(magnitudes[BINS:])
        return magnitudes + torch.cat([added, quiet]) * _is_heard(magnitudes)

    def sureness(self, magnitudes: Tensor) -> float:
        """How sure it is that *magnitudes* bear the mark; about 0 to 1."""
        heard = _is_heard(magnitudes)[None, None]
        answers = [
            self._answer(magnitudes[None, :BINS], heard, name, tempo)
            for name, tempo in _TEMPOS.items()
        ]
        attention, marks = torch.stack(answers).unbind(dim=1)
        return float((torch.softmax(attention, dim=0) * marks).sum())

    def _answer(self, low: Tensor, heard: Tensor, name: str, tempo: float) -> Tensor:
        """How much one tempo is to be trusted, and how sure it is."""
        frames = int(low.shape[2] * tempo)
        if tempo != 1.0:
            low = functional.interpolate(low, frames, mode="linear", align_corners=True)
            heard = functional.interpolate(heard, frames, mode="nearest")
        said = self.decoder[name](low)
        answer: Tensor = ((said * heard).sum(dim=2) / heard.sum(dim=2))[0]
        return answer


def load_network(path: Path) -> PerthNetwork:
    """The network with the weights in a checkpoint of the package resemble-perth.

    The file is read without running any code from it.

    Raises:
        OSError, LookupError, RuntimeError, UnpicklingError: it is no such checkpoint.
    """
    kept: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    weights = {
        name: values
        for name, values in kept["model"].items()
        if name.startswith(("encoder.", "decoder."))
    }
    network = PerthNetwork()
    network.load_state_dict(weights)
    return network.eval()


def _is_heard(magnitudes: Tensor) -> Tensor:
    """1 for each frame that is not much quieter than the loudest, else 0."""
    levels = magnitudes.sum(dim=0)
    return (levels > levels.max() * _QUIET).float()


def _layers(channels: int) -> nn.Sequential:
    """Convolutions over time, from the bins below 2 kHz to *channels*."""
    wide = [_Convolution(_HIDDEN, _HIDDEN, _WIDE) for _ in range(_LAYERS)]
    last = _Convolution(_HIDDEN, channels, 1, last=True)
    return nn.Sequential(_Convolution(BINS, _HIDDEN, 1), *wide, last)


class _Convolution(nn.Module):
    """A convolution over time, followed by a rectifier unless it is the last."""

    def __init__(self, channels: int, made: int, kernel: int, *, last: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, made, kernel, padding=kernel // 2)
        self._is_last = last

    def forward(self, x: Tensor) -> Tensor:
        convolved: Tensor = self.conv(x)
        return convolved if self._is_last else functional.leaky_relu(convolved)
