"""CAM++ speaker embeddings as a pyannote model.

The network is that of Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification
Using Context-Aware Masking" (Interspeech 2023): a small 2-D residual front end, then densely
connected time-delay layers, each masked by its context. Parameter names are those of the published
weights (3D-Speaker, Apache-2.0).
"""

from collections.abc import Iterator

import torch
import torchaudio.compliance.kaldi as kaldi
from pyannote.audio.core.model import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from torch import Tensor, nn
from torch.nn import functional

MEL_BINS = 80
DIMENSION = 192
_GROWTH = 32
_BOTTLENECK = 128
_BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers, dilation
_CONTEXT_FRAMES = 100
_HOP_SAMPLES = 160  # from one feature frame to the next: 10 ms
_LEAST_FRAMES = 25  # feature frames: with fewer, an embedding is meaningless


class CAMPlusPlus(Model):
    """A voice embedding of 192 numbers for each waveform, or for its masked part.

    Frames outside the mask are removed *before* the network: with weighted pooling alone, the
    network's context would let other speakers leak in.
    """

    def __init__(self, sample_rate: int = 16_000, num_channels: int = 1, task: None = None) -> None:
        super().__init__(sample_rate=sample_rate, num_channels=num_channels, task=task)
        self.save_hyperparameters("sample_rate", "num_channels")
        self.specifications = Specifications(
            problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=10.0
        )
        self.head = _FrontEnd()
        self.xvector = _embedding_layers()

    @property
    def dimension(self) -> int:
        """Numbers in an embedding."""
        return DIMENSION

    def forward(self, waveforms: Tensor, weights: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Embeddings, shape ``(batch, 192)``.

        Args:
            waveforms: float in [-1, 1], shape ``(batch, 1, samples)``.
            weights: who speaks, shape ``(batch, frames)`` of any frame rate; more than one half
                counts. A row in which nobody speaks gives NaN.

        Raises:
            ValueError: there is less than a quarter second of audio, and no weights.
        """
        selected = self._selected(waveforms, weights)
        return torch.cat([self.embedded(features[None]) for features in selected])

    def features(self, waveform: Tensor) -> Tensor:
        """Log-mel features of 16 kHz audio of shape ``(samples,)``: a row of 80 each 10 ms.

        Raises:
            ValueError: there is less than a quarter second of audio.
        """
        if waveform.shape[-1] < (_LEAST_FRAMES + 2) * _HOP_SAMPLES:
            raise ValueError("too little audio for a voice embedding")
        # The published weights were trained on samples in [-1, 1], not on 16-bit integers.
        found: Tensor = kaldi.fbank(
            waveform[None],
            num_mel_bins=MEL_BINS,
            sample_frequency=self.hparams["sample_rate"],
            dither=0.0,
        )
        return found

    def embedded(self, features: Tensor) -> Tensor:
        """Embeddings of features of shape ``(batch, frames, 80)``; NaN without frames."""
        frames = features.shape[1]
        if frames == 0:
            return features.new_full((len(features), DIMENSION), torch.nan)
        times = -(-_LEAST_FRAMES // frames)
        features = features.repeat(1, times, 1)
        centred = features - features.mean(dim=1, keepdim=True)
        embedded: Tensor = self.xvector(self.head(centred.transpose(1, 2)))[:, :, 0]
        return embedded

    def _selected(self, waveforms: Tensor, weights: Tensor | None) -> Iterator[Tensor]:
        """Features of the frames to embed, row by row; equal neighbours are computed once."""
        features: Tensor | None = None
        last: Tensor | None = None
        for row, waveform in enumerate(waveforms[:, 0]):
            mask = None if weights is None else weights[row] > 0.5
            if mask is not None and not mask.any():
                yield waveform.new_zeros((0, MEL_BINS))
                continue
            if features is None or last is None or not torch.equal(waveform, last):
                features = self.features(waveform)
                last = waveform
            yield features if mask is None else _masked(features, mask)


def _masked(features: Tensor, mask: Tensor) -> Tensor:
    """*features* in frames of the mask, which may have another frame rate."""
    weights = mask[None, None].float()
    resampled = functional.interpolate(weights, size=len(features), mode="nearest")
    return features[resampled[0, 0] > 0.5]


class _Pool(nn.Module):
    """Mean and standard deviation over time.

    From ``(batch, channels, time)`` to ``(batch, 2 channels, 1)``.
    """

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean(dim=-1)
        deviation = x.std(dim=-1, unbiased=True)
        return torch.cat([mean, deviation], dim=1)[..., None]


class _Residual(nn.Module):
    """Two 3x3 convolutions with a shortcut; *stride* subsamples the frequencies."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, stride=(stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1:
            convolution = nn.Conv2d(channels, channels, 1, stride=(stride, 1), bias=False)
            self.shortcut = nn.Sequential(convolution, nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(inner)) + self.shortcut(x))


class _FrontEnd(nn.Module):
    """``(batch, 80, time)`` log-mel features to ``(batch, 320, time)``."""

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.layer1 = nn.Sequential(_Residual(channels, 2), _Residual(channels, 1))
        self.layer2 = nn.Sequential(_Residual(channels, 2), _Residual(channels, 1))
        self.conv2 = nn.Conv2d(channels, channels, 3, stride=(2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.bn1(self.conv1(x[:, None])))
        x = torch.relu(self.bn2(self.conv2(self.layer2(self.layer1(x)))))
        return x.flatten(1, 2)


class _ContextMask(nn.Module):
    """A convolution over time, masked by the means of the whole input and of the neighbourhood."""

    def __init__(self, channels: int, out_channels: int, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(
            channels, out_channels, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.linear1 = nn.Conv1d(channels, channels // 2, 1)
        self.linear2 = nn.Conv1d(channels // 2, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = functional.avg_pool1d(x, _CONTEXT_FRAMES, stride=_CONTEXT_FRAMES, ceil_mode=True)
        neighbourhood = pooled.repeat_interleave(_CONTEXT_FRAMES, dim=-1)[..., : x.shape[-1]]
        whole = x.mean(dim=-1, keepdim=True)
        context = torch.relu(self.linear1(whole + neighbourhood))
        masked: Tensor = self.linear_local(x) * torch.sigmoid(self.linear2(context))
        return masked


class _DenseLayer(nn.Module):
    """Adds 32 channels to its input."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _normalised(channels)
        self.linear1 = nn.Conv1d(channels, _BOTTLENECK, 1, bias=False)
        self.nonlinear2 = _normalised(_BOTTLENECK)
        self.cam_layer = _ContextMask(_BOTTLENECK, _GROWTH, dilation)

    def forward(self, x: Tensor) -> Tensor:
        added = self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))
        return torch.cat([x, added], dim=1)


def _normalised(channels: int) -> nn.Sequential:
    layers = nn.Sequential()
    layers.add_module("batchnorm", nn.BatchNorm1d(channels))
    layers.add_module("relu", nn.ReLU())
    return layers


def _sequence(**modules: nn.Module) -> nn.Sequential:
    layers = nn.Sequential()
    for name, module in modules.items():
        layers.add_module(name, module)
    return layers


def _embedding_layers() -> nn.Sequential:
    """``(batch, 320, time)`` to ``(batch, 192, 1)``."""
    channels = 128
    first = nn.Conv1d(320, channels, 5, stride=2, padding=2, bias=False)
    layers = _sequence(tdnn=_sequence(linear=first, nonlinear=_normalised(channels)))
    for number, (depth, dilation) in enumerate(_BLOCKS, start=1):
        layers.add_module(f"block{number}", _dense_block(channels, depth, dilation))
        channels += depth * _GROWTH
        layers.add_module(f"transit{number}", _halved(channels))
        channels //= 2
    layers.add_module("out_nonlinear", _normalised(channels))
    layers.add_module("stats", _Pool())
    layers.add_module("dense", _projection(2 * channels))
    return layers


def _dense_block(channels: int, depth: int, dilation: int) -> nn.Sequential:
    """*depth* layers, each seeing all that were added before it."""
    block = nn.Sequential()
    for at in range(depth):
        block.add_module(f"tdnnd{at + 1}", _DenseLayer(channels + at * _GROWTH, dilation))
    return block


def _halved(channels: int) -> nn.Sequential:
    """Half as many channels."""
    linear = nn.Conv1d(channels, channels // 2, 1, bias=False)
    return _sequence(nonlinear=_normalised(channels), linear=linear)


def _projection(channels: int) -> nn.Sequential:
    """The embedding, normalised without learned scale."""
    linear = nn.Conv1d(channels, DIMENSION, 1, bias=False)
    normalised = _sequence(batchnorm=nn.BatchNorm1d(DIMENSION, affine=False))
    return _sequence(linear=linear, nonlinear=normalised)
