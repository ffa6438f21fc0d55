"""Voices in the space of a PLDA, in which likelihoods of "one person" and "two" can be compared.

The model (Ioffe, ECCV 2006) was trained for CAM++ on 222 speakers of LibriSpeech (CC BY 4.0) and
is stored as pyannote.audio stores its own: ``xvec_transform.npz`` and ``plda.npz``.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

_Array = NDArray[np.float64]


def plda_folder() -> Traversable:
    """The folder with the two files of the model."""
    return resources.files("trax.diarization") / "plda_campplus"


@dataclass(frozen=True, slots=True, eq=False)
class VoiceSpace:
    """A projection of voice embeddings, and how much speakers differ there.

    In each dimension what one person says has a variance of about one, and speakers have that of
    `between`.

    Attributes:
        between: shape ``(dimensions,)``, descending.
    """

    between: _Array
    _mean: _Array
    _discriminant: _Array
    _shift: _Array
    _centre: _Array
    _whitening: _Array

    def project(self, embeddings: _Array) -> _Array:
        """Points of *embeddings*, which must not have been scaled.

        Args:
            embeddings: shape ``(voices, 192)``.

        Returns:
            Shape ``(voices, dimensions)``.
        """
        numbers, dimensions = self._discriminant.shape
        centred = np.sqrt(numbers) * _unit(embeddings - self._mean)
        scaled = np.sqrt(dimensions) * _unit(centred @ self._discriminant - self._shift)
        points: _Array = (scaled - self._centre) @ self._whitening.T
        return points


@lru_cache
def voice_space() -> VoiceSpace:
    """The space for CAM++ voices."""
    folder = plda_folder()
    with (folder / "xvec_transform.npz").open("rb") as file:
        transform = dict(np.load(file))
    with (folder / "plda.npz").open("rb") as file:
        plda = dict(np.load(file))
    rows = plda["tr"]
    within = np.linalg.inv(rows.T @ rows)
    between = np.linalg.inv((rows.T / plda["psi"]) @ rows)
    variances, whitening = eigh(between, within)
    return VoiceSpace(
        between=variances[::-1].copy(),
        _mean=transform["mean1"],
        _discriminant=transform["lda"],
        _shift=transform["mean2"],
        _centre=plda["mu"],
        _whitening=whitening.T[::-1].copy(),
    )


def _unit(vectors: _Array) -> _Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: _Array = vectors / np.maximum(lengths, 1e-9)
    return scaled
