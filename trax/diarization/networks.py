"""The two networks of the packaged engine: who is active in a window, and whose voice a piece of
speech is.
"""

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
"""Pieces are cut to multiples of this many feature frames (10 ms each), so that equal lengths share
a batch.
"""

# Classes of segmentation-3.0, a powerset (Plaquet and Bredin, Interspeech 2023): nobody, each of
# three alone, each two.
_ACTIVE = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=np.float32
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
        from trax.diarization.torchaudio_import import ensure_torchaudio

        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # pyannote warns of torchcodec, which is not used: audio is passed loaded
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
            embedding.load_state_dict(
                torch.load(weights / "campplus.pt", map_location="cpu", weights_only=True)
            )
            self._embedding = embedding.eval().to(self._device)
        self._batch = _BATCH if device == "cpu" else _GPU_BATCH

    def activity(
        self, windows: Sequence[NDArray[np.float32]]
    ) -> Iterator[tuple[NDArray[np.float16], NDArray[np.bool_]]]:
        """Who is active in each window, all of one length: probabilities and "alone", each
        ``(frames, 3)``.
        """
        for first in range(0, len(windows), self._batch):
            batch = self._torch.from_numpy(np.stack(windows[first : first + self._batch]))[:, None]
            with self._torch.inference_mode():
                classes = self._segmentation(batch.to(self._device)).exp().cpu().numpy()
            for row in classes:
                yield (row @ _ACTIVE).astype(np.float16), row[:, _ALONE] > 0.5

    def features(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-mel features of 16 kHz audio, shape ``(frames, 80)``, one each 10 ms."""
        features: NDArray[np.float32] = self._embedding.features(
            self._torch.from_numpy(samples)
        ).numpy()
        return features

    def voices(self, features: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float64]]:
        """A unit-length embedding for each piece's features."""
        cut = [piece[: max(len(piece) // _LENGTH_STEP * _LENGTH_STEP, 1)] for piece in features]
        order = sorted(range(len(cut)), key=lambda at: len(cut[at]))
        voices: dict[int, NDArray[np.float64]] = {}
        for _, equal in groupby(order, key=lambda at: len(cut[at])):
            same = list(equal)
            for first in range(0, len(same), self._batch):
                some = same[first : first + self._batch]
                voices.update(
                    zip(some, self._embedded(np.stack([cut[at] for at in some])), strict=True)
                )
        return [voices[at] for at in range(len(cut))]

    def _embedded(self, batch: NDArray[np.float32]) -> NDArray[np.float64]:
        with self._torch.inference_mode():
            found = (
                self._embedding.embedded(self._torch.from_numpy(batch).to(self._device))
                .cpu()
                .numpy()
            )
        vectors = np.nan_to_num(found.astype(np.float64))
        unit: NDArray[np.float64] = vectors / np.maximum(
            np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9
        )
        return unit
