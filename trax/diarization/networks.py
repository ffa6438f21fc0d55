"""The two networks of the packaged engine: segmentation of windows, and voice embeddings."""

import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BATCH = 16
"""Windows or pieces at once: more need memory and are no faster on a CPU."""

_GPU_BATCH = 128

_LENGTH_STEP = 10
"""Feature frames (10 ms each): pieces are cut to multiples, so that equal lengths share a batch."""

# Classes of segmentation-3.0, a powerset (Plaquet and Bredin, Interspeech 2023): nobody, each of
# three alone, each two.
_ACTIVE = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]],
    dtype=np.float32,
)
_ALONE = slice(1, 4)


class Networks:
    """Segmentation-3.0 and CAM++, loaded.

    Args:
        weights: a folder with ``segmentation.bin`` and ``campplus.pt``.
        device: ``cpu`` or ``cuda``.
        threads: for torch on the CPU.
    """

    def __init__(self, weights: Path, device: str, threads: int) -> None:
        from trax.models.torchaudio_import import ensure_torchaudio

        with warnings.catch_warnings():
            # pyannote warns about torchcodec, which is not used: audio is passed in memory.
            warnings.simplefilter("ignore")
            ensure_torchaudio()
            import torch
            from pyannote.audio import Model

            from trax.diarization.campplus import CAMPlusPlus

            torch.set_num_threads(threads)
            self._torch = torch
            self._device = torch.device(device)
            segmentation = Model.from_pretrained(weights / "segmentation.bin")
            if segmentation is None:
                raise ValueError("segmentation.bin holds no pyannote model")
            self._segmentation = segmentation.eval().to(self._device)
            embedding = CAMPlusPlus()
            parameters = torch.load(
                weights / "campplus.pt",
                map_location="cpu",
                weights_only=True,
            )
            embedding.load_state_dict(parameters)
            self._embedding = embedding.eval().to(self._device)
        self._batch = _BATCH if device == "cpu" else _GPU_BATCH

    def activity(
        self,
        windows: Sequence[NDArray[np.float32]],
    ) -> Iterator[tuple[NDArray[np.float16], NDArray[np.bool_]]]:
        """Segment windows of one length.

        Yields for each the probability that each local speaker is active, and whether that speaker
        is active alone, both of shape ``(frames, 3)``.
        """
        for first in range(0, len(windows), self._batch):
            stacked = np.stack(windows[first : first + self._batch])
            batch = self._torch.from_numpy(stacked)[:, None]
            with self._torch.inference_mode():
                classes = self._segmentation(batch.to(self._device)).exp().cpu().numpy()
            for row in classes:
                yield (row @ _ACTIVE).astype(np.float16), row[:, _ALONE] > 0.5

    def features(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-mel features of 16 kHz audio, shape ``(frames, 80)``, a frame each 10 ms."""
        waveform = self._torch.from_numpy(samples)
        features: NDArray[np.float32] = self._embedding.features(waveform).numpy()
        return features

    def voices(self, features: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float64]]:
        """An embedding of each piece's features, of any length."""
        cut = [piece[: _cut_length(len(piece))] for piece in features]
        by_length = sorted(range(len(cut)), key=lambda at: len(cut[at]))
        voices: dict[int, NDArray[np.float64]] = {}
        for _length, group in groupby(by_length, key=lambda at: len(cut[at])):
            equal = list(group)
            for first in range(0, len(equal), self._batch):
                batch = equal[first : first + self._batch]
                embedded = self._embedded(np.stack([cut[at] for at in batch]))
                voices.update(zip(batch, embedded, strict=True))
        return [voices[at] for at in range(len(cut))]

    def _embedded(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        with self._torch.inference_mode():
            features = self._torch.from_numpy(batch).to(self._device)
            embedded = self._embedding.embedded(features).cpu().numpy()
        vectors: NDArray[np.float64] = np.nan_to_num(embedded.astype(np.float64))
        return vectors


def _cut_length(frames: int) -> int:
    return max(frames // _LENGTH_STEP * _LENGTH_STEP, 1)
