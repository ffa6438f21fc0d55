"""Voices in the space of a PLDA, in which likelihoods of "one person" and "two" can be compared.

The model (Ioffe, ECCV 2006) was trained for CAM++ on 222 speakers of LibriSpeech (CC BY 4.0). In
each dimension what one person says has a variance of about one.
"""

import warnings
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from trax.models.torchaudio_import import ensure_torchaudio

if TYPE_CHECKING:
    from pyannote.audio.core.plda import PLDA


def plda_folder() -> Traversable:
    """The folder with the two files of the model."""
    return resources.files("trax.diarization") / "plda_campplus"


@lru_cache
def voice_space() -> "PLDA":
    """The space for CAM++ voices: called with embeddings of shape ``(voices, 192)``, as the network
    gives them, it returns points; ``phi`` is how much speakers differ in each dimension.
    """
    with warnings.catch_warnings():
        # pyannote warns about torchcodec, which is not used.
        warnings.simplefilter("ignore")
        ensure_torchaudio()
        from pyannote.audio.core.plda import PLDA
    with resources.as_file(plda_folder()) as folder:
        return PLDA(folder / "xvec_transform.npz", folder / "plda.npz")
