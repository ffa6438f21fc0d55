"""Sound at another sample rate, and of an exact length."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from trax.audio.waveform import Waveform


def resampled(sound: Waveform, sample_rate: int) -> Waveform:
    """*sound* at *sample_rate*: as long, to a sample.

    >>> import numpy
    >>> len(resampled(Waveform(numpy.zeros(24_000, "float32"), 24_000), 44_100).samples)
    44100
    """
    if sample_rate == sound.sample_rate:
        return sound
    made = resample(sound.samples, sound.sample_rate, sample_rate)
    frames = round(len(sound.samples) * sample_rate / sound.sample_rate)
    return Waveform(fitted(made, frames), sample_rate)


def resample(samples: NDArray[np.float32], sample_rate: int, wanted: int) -> NDArray[np.float32]:
    """Samples of shape ``(frames,)`` or ``(frames, channels)`` at the *wanted* rate."""
    if sample_rate == wanted or not len(samples):
        return samples
    from scipy.signal import resample_poly

    common = gcd(sample_rate, wanted)
    made = resample_poly(samples, wanted // common, sample_rate // common, axis=0)
    return np.asarray(made, dtype=np.float32)


def fitted(samples: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """*samples* with exactly so many frames, cut or padded with silence at the end."""
    missing = frames - len(samples)
    if missing <= 0:
        return samples[:frames]
    return np.pad(samples, [(0, missing)] + [(0, 0)] * (samples.ndim - 1))
