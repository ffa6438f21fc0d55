"""Speaker verifiers, and how often one is wrong."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trax.audio import Waveform
from trax.audio.resampling import resampled
from trax.models.torchaudio_import import ensure_torchaudio

Vector = NDArray[np.float64]

_SAMPLE_RATE = 16_000
_FRAMES = 160  # of 10 ms, that the network sees at once
_LEVEL = 10 ** (-30 / 20)


class GE2E(nn.Module):
    """The embedding of Wan et al. (ICASSP 2018) with the weights of the package resemblyzer
    (Apache-2.0); nothing in Trax uses it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(40, 256, 3, batch_first=True)
        self.linear = nn.Linear(256, 256)
        spec = find_spec("resemblyzer")
        if spec is None or spec.origin is None:
            raise SystemExit("pip install --no-deps resemblyzer==0.1.4")
        kept: Any = torch.load(
            Path(spec.origin).parent / "pretrained.pt", map_location="cpu", weights_only=True
        )
        weights = kept["model_state"]
        self.load_state_dict({name: weights[name] for name in self.state_dict()})
        self.eval()

    def embed(self, speech: Waveform) -> Vector:
        """A unit vector."""
        samples = resampled(speech, _SAMPLE_RATE).samples
        level = float(np.sqrt(np.mean(samples**2))) or 1.0
        mels = _mels(torch.from_numpy(samples * np.float32(_LEVEL / level)))
        starts = range(0, max(1, len(mels) - _FRAMES + 1), _FRAMES // 2)
        with torch.inference_mode():
            parts = torch.stack([_window(mels, start) for start in starts])
            _outputs, (hidden, _cells) = self.lstm(parts)
            found = torch.relu(self.linear(hidden[-1]))
            found = nn.functional.normalize(found, dim=1).mean(dim=0)
        vector = found.numpy().astype(np.float64)
        return np.asarray(vector / np.linalg.norm(vector))


def equal_error_rate(same: Sequence[float], different: Sequence[float]) -> float:
    """Where as many of the *same* are refused as *different* are accepted, in per cent."""
    scores = np.sort(np.concatenate([same, different]))
    refused = np.array([np.mean(np.asarray(same) < score) for score in scores])
    accepted = np.array([np.mean(np.asarray(different) >= score) for score in scores])
    at = int(np.argmin(np.abs(refused - accepted)))
    return float(50 * (refused[at] + accepted[at]))


def _window(mels: Tensor, start: int) -> Tensor:
    part = mels[start : start + _FRAMES]
    return nn.functional.pad(part, (0, 0, 0, _FRAMES - len(part)))


def _mels(samples: Tensor) -> Tensor:
    """Energies in 40 bands, shape ``(frames, 40)``, a frame each 10 ms."""
    ensure_torchaudio()
    from torchaudio.functional import melscale_fbanks

    window = torch.hann_window(400)
    spectrum = torch.stft(samples, 400, 160, window=window, return_complex=True).abs() ** 2
    bands = melscale_fbanks(201, 0.0, 8000.0, 40, _SAMPLE_RATE, "slaney", "slaney")
    mels: Tensor = spectrum.T @ bands
    return mels
