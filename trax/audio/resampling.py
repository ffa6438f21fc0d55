"""Sound at another sample rate."""

from fractions import Fraction

import numpy as np

from trax.audio.waveform import Waveform


def resampled(sound: Waveform, sample_rate: int) -> Waveform:
    """*sound* at *sample_rate*: as long, to a sample.

    >>> import numpy
    >>> len(resampled(Waveform(numpy.zeros(24_000, "float32"), 24_000), 44_100).samples)
    44100
    """
    if sample_rate == sound.sample_rate:
        return sound
    from scipy.signal import resample_poly

    ratio = Fraction(sample_rate, sound.sample_rate)
    made = resample_poly(sound.samples, ratio.numerator, ratio.denominator)
    frames = round(len(sound.samples) * ratio)
    samples = np.pad(made[:frames], (0, max(0, frames - len(made))))
    return Waveform(samples.astype(np.float32), sample_rate)
