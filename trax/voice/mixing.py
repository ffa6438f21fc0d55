"""Synthesised speech put into the place of a voice in a recording."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.voice.lifting import lifted

Frames = NDArray[np.float32]
"""float32 of shape ``(frames, channels)``."""

CEILING = 10 ** (-1.0 / 20)
"""The highest true peak of a replaced stretch: -1 dB below full scale."""

FADE = 0.01
"""Seconds in which the recording and the replaced stretch fade into each other."""

_SEARCH = 0.01  # seconds around a cut in which a zero crossing is looked for
_SHORT = 0.4  # seconds below which loudness is not defined (ITU-R BS.1770)
_MOST_GAIN_DB = 24.0
_OVERSAMPLED = 4
_LOOK_AHEAD = 0.005  # seconds in which the limiter closes and opens
_MARGIN = 0.97  # of the ceiling, since peaks between samples are estimated
_QUIET = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A stretch of a recording whose voice is replaced.

    Attributes:
        mix: the recording there.
        voice: the voices in it, taken out of the mix.
        sample_rate: Hz.
    """

    mix: Frames
    voice: Frames
    sample_rate: int

    @property
    def background(self) -> Frames:
        """What else is heard: the mix less the voice."""
        return self.mix - self.voice


def loudness(samples: Frames, sample_rate: int) -> float:
    """Loudness in LUFS by ITU-R BS.1770; of less than 0.4 s, and of silence, the level in dB.

    Raises:
        MissingPart: the package is not installed.
    """
    power = float((samples.astype(np.float64) ** 2).mean()) if samples.size else 0.0
    level = 10 * np.log10(max(power * samples.shape[1], _QUIET**2))
    if len(samples) < _SHORT * sample_rate or power <= _QUIET**2:
        return float(level)
    from trax.voice.loudness import integrated

    found = integrated(samples, sample_rate)
    return found if np.isfinite(found) else float(level)


def placed(speech: Waveform, voice: Frames) -> Frames:
    """*speech* in the channels in which *voice* is, and as loud.

    Args:
        speech: at the sample rate of *voice*.
        voice: what is replaced.
    """
    shares = _shares(voice)
    spread = (speech.samples[:, None] * shares[None, :]).astype(np.float32)
    gain = loudness(voice, speech.sample_rate) - loudness(spread, speech.sample_rate)
    gain = float(np.clip(gain, -_MOST_GAIN_DB, _MOST_GAIN_DB))
    return (spread * 10 ** (gain / 20)).astype(np.float32)


def replaced(stretch: Stretch, speeches: Iterable[tuple[int, Frames]]) -> Frames:
    """The stretch with *speeches* in the place of its voice; its ends are those of the mix.

    Args:
        speeches: the frame of the stretch at which each begins, below 0 for one that began before,
            and its samples, in the channels of the mix.
    """
    made = lifted(stretch.background, stretch.voice, stretch.sample_rate).copy()
    for start, speech in speeches:
        here = speech[max(0, -start) :]
        first = max(0, start)
        end = min(len(made), first + len(here))
        made[first:end] += here[: max(0, end - first)]
    return crossfaded(stretch.mix, limit(made, stretch.sample_rate), stretch.sample_rate)


def crossfaded(outer: Frames, inner: Frames, sample_rate: int) -> Frames:
    """*inner*, which begins and ends as *outer* does."""
    length = min(round(FADE * sample_rate), len(outer) // 2)
    weight = np.ones(len(outer))
    ramp = (np.arange(length) + 0.5) / max(1, length)
    weight[:length] = ramp
    weight[len(weight) - length :] = ramp[::-1]
    faded = outer + (inner - outer) * weight[:, None]
    return faded.astype(np.float32)


def limit(samples: Frames, sample_rate: int) -> Frames:
    """*samples* with a true peak of at most -1 dB below full scale; untouched if they have it."""
    if not len(samples):
        return samples
    from scipy.ndimage import minimum_filter1d, uniform_filter1d
    from scipy.signal import resample_poly

    fine = np.abs(resample_poly(samples, _OVERSAMPLED, 1, axis=0)).max(axis=1)
    peaks = fine.reshape(len(samples), _OVERSAMPLED).max(axis=1)
    peaks = np.maximum(peaks, np.abs(samples).max(axis=1))
    if peaks.max() <= CEILING:
        return samples
    width = 2 * round(_LOOK_AHEAD * sample_rate) + 1
    gain = np.minimum(1.0, _MARGIN * CEILING / np.maximum(peaks, _QUIET))
    gain = uniform_filter1d(minimum_filter1d(gain, width + 2), width)
    limited: Frames = (samples * gain[:, None]).astype(np.float32)
    return limited


def zero_crossing(samples: Frames, at: int, sample_rate: int) -> int:
    """The frame nearest to *at* at which the sum of the channels changes its sign; *at* if there
    is none near.
    """
    reach = round(_SEARCH * sample_rate)
    first = max(0, at - reach)
    mono = samples[first : at + reach].sum(axis=1)
    crossings = np.flatnonzero(np.signbit(mono[1:]) != np.signbit(mono[:-1])) + 1 + first
    if not len(crossings):
        return at
    return int(crossings[np.argmin(np.abs(crossings - at))])


def _shares(voice: Frames) -> NDArray[np.float64]:
    """How strong a voice is in each channel, its strongest at 1; against its phase below 0."""
    wide = voice.astype(np.float64)
    power = (wide**2).sum(axis=0)
    if power.max() <= _QUIET**2:
        return np.ones(voice.shape[1])
    strongest = wide[:, int(power.argmax())]
    shares: NDArray[np.float64] = (wide * strongest[:, None]).sum(axis=0) / power.max()
    return shares
