"""Loudness as ITU-R BS.1770 defines it."""

import numpy as np
from numpy.typing import NDArray

from trax.errors import MissingPart

_BLOCK = 0.4  # seconds


def integrated(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Integrated loudness in LUFS; minus infinity for silence.

    Args:
        samples: at least 0.4 s, shape ``(frames, channels)``.

    Raises:
        MissingPart: pyloudnorm is not installed.
    """
    try:
        from pyloudnorm import Meter
    except ImportError as error:
        raise MissingPart("install the package pyloudnorm to match loudness") from error
    measured: float = Meter(sample_rate, block_size=_BLOCK).integrated_loudness(
        samples.astype(np.float64)
    )
    return measured
