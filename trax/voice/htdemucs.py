"""Voices from background with HTDemucs (Rouard et al., ICASSP 2023): better, slow on a CPU."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from trax.errors import MissingPart, ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.models.torchaudio_import import LOADING_ERRORS
from trax.voice.engine import Block
from trax.voice.stereo import StereoWindows

VERSION = 1
"""Grows whenever the same sound comes to be separated otherwise."""

_version = cache(metadata.version)  # it reads files

_NETWORK = "demucs.htdemucs.HTDemucs"
_VOICES = "vocals"
_OVERLAP = 0.25  # of a window
_TINY = 1e-8


class HTDemucs:
    """HTDemucs, loaded on first use.

    Args:
        model: a folder with ``htdemucs.yaml`` and the safetensors file that it names.
        device: ``cpu`` or ``cuda``.
        manager: keeps the network loaded.
    """

    def __init__(self, model: Model, device: str, manager: ModelManager | None = None) -> None:
        self._model = model
        self._device = torch.device(device)
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names method, weights, library and device."""
        try:
            library = f"demucs-{_version('demucs')}"
        except metadata.PackageNotFoundError as error:
            raise _missing() from error
        return f"trax-htdemucs-{VERSION}/{self._model.fingerprint}/{library}/{self._device.type}"

    def separate(self, blocks: Iterable[Block], sample_rate: int) -> Iterator[Block]:
        """The voices, in windows as long as those that it was trained on; see `Separator`."""
        window = float(self._network.segment)
        windows = StereoWindows(
            sample_rate=self._network.samplerate, window=window, overlap=_OVERLAP * window
        )
        return windows.separate(blocks, sample_rate, self._stereo_voices)

    def _stereo_voices(self, stereo: Block) -> Block:
        network = self._network
        middle, spread = float(stereo.mean()), float(stereo.std()) + _TINY
        with torch.inference_mode():
            scaled = torch.from_numpy(np.ascontiguousarray(stereo.T) - middle) / spread
            stems = network(scaled[None].to(self._device))[0]
            voices = stems[network.sources.index(_VOICES)] * spread
        return np.asarray(voices[:, : len(stereo)].cpu().numpy().T, dtype=np.float32)

    @property
    def _network(self) -> Any:
        return self._manager.get(self.fingerprint, self._measure, self._load)

    def _measure(self) -> Use:
        return Use(self._model.name, folder_size(self._model.folder()))

    def _load(self) -> Any:
        folder = self._model.folder()
        try:
            listed = yaml.safe_load((folder / "htdemucs.yaml").read_text(encoding="utf-8"))
            network = load_network(folder / f"{listed['models'][0]}.safetensors")
        except (*LOADING_ERRORS, yaml.YAMLError) as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error
        return network.eval().to(self._device)


def load_network(path: Path) -> Any:
    """The network in a safetensors file as Demucs publishes them; no code of it is run.

    Raises:
        MissingPart: the package demucs is not installed.
        ValueError, OSError, RuntimeError: it is no such file.
    """
    try:
        from demucs.hf import load_safetensors_model
    except ImportError as error:
        raise _missing() from error
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            network = (file.metadata() or {}).get("klass")
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    if network != _NETWORK:
        raise ValueError(f"{path.name} holds {network}, not {_NETWORK}")
    return load_safetensors_model(path)


def _missing() -> MissingPart:
    return MissingPart("install the package demucs without dependencies to separate with HTDemucs")
