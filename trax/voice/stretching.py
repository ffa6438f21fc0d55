"""Speech made longer or shorter, its pitch kept."""

from dataclasses import replace

import numpy as np

from trax.audio import Waveform
from trax.audio.resampling import fitted
from trax.errors import MissingPart


def stretched(speech: Waveform, duration: float) -> Waveform:
    """*speech* with exactly ``round(duration * sample_rate)`` samples and its pitch kept.

    Raises:
        MissingPart: python-stretch is not installed.
    """
    frames = round(duration * speech.sample_rate)
    if frames == len(speech.samples):
        return speech
    if frames == 0 or len(speech.samples) == 0:
        return replace(speech, samples=np.zeros(frames, np.float32))
    try:
        from python_stretch import Signalsmith
    except ImportError as error:
        raise MissingPart("install the package python-stretch to fit speech to its time") from error
    stretch = Signalsmith.Stretch()
    stretch.preset(1, speech.sample_rate)
    stretch.setTimeFactor(len(speech.samples) / frames)
    made = np.asarray(stretch.process(speech.samples[None, :]), dtype=np.float32)[0]
    return replace(speech, samples=fitted(made, frames))
