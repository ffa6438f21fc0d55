"""Which sound in a microphone is its own speaker's, and which only comes over from the others'."""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

_SMOOTH = 9  # frames over which levels are averaged: about a syllable
_HOLD = 8  # frames for which a voice goes on in other microphones: delay and echo
_LOUDEST = 99  # percentile of a channel's levels that its speaker reaches
_LOUD = 18.0  # decibels below that down to which they speak
_ALONE = 80  # percentile of the differences in level to another channel: nobody speaks there
_CLEARLY = 4.0  # decibels by which one's own voice is louder than another's that is heard there
_ONE_VOICE = 6.0  # decibels there and back below which two channels have the same voices
_FLOOR_PERCENTILE = 5  # of a channel's levels: what is there when nobody speaks
_ABOVE_FLOOR = 10.0  # decibels by which speech stands out from that
_MOST = 40.0  # decibels: what is quieter than that is not heard
_DIGITAL_SILENCE = -100.0  # dB below full scale
_STEADY = 9  # frames: what changes for less than half of them is a flicker
_MARGIN = 4  # frames kept around one's own sound

Levels = NDArray[np.float32]
Mask = NDArray[np.bool_]


def above_bleed(loudness: Levels) -> Levels:
    """Decibels by which each channel is louder than what is expected of the others' voices in it.

    Above 0 its own speaker is heard. How much of each voice comes over is measured where that one
    is loud: as a rule its speaker is then the only one.

    Args:
        loudness: level of each channel in dB, shape ``(frames, channels)``, from
            `trax.audio.tracks.levels`; the result has the same shape.
    """
    smooth = _smoothed(loudness)
    distance = _distances(smooth)
    found = np.full(loudness.shape, np.inf, dtype=np.float32)
    for channel, other in permutations(range(loudness.shape[1]), 2):
        expected = _held(smooth[:, other], smooth[:, channel]) - distance[channel, other]
        found[:, channel] = np.minimum(found[:, channel], smooth[:, channel] - expected)
    return found


def own_sound(loudness: Levels, above: Levels) -> Mask:
    """Where each channel has sound of its own, shape ``(frames, channels)``.

    What is not anybody's counts as everybody's: it is for voice activity to find speech in it.

    Args:
        loudness: level of each channel in dB.
        above: decibels above what comes over of the others, from `above_bleed`.
    """
    from scipy.ndimage import maximum_filter1d, median_filter

    own = (above > 0) & (loudness > _DIGITAL_SILENCE)
    if not len(own):
        return own
    steady = median_filter(own.astype(np.uint8), size=(_STEADY, 1), mode="nearest")
    widened: Mask = maximum_filter1d(steady, 2 * _MARGIN + 1, axis=0, mode="nearest") > 0
    return widened


def _smoothed(loudness: Levels) -> Levels:
    from scipy.ndimage import uniform_filter1d

    power = np.power(10.0, loudness / 10)
    mean = uniform_filter1d(power, _SMOOTH, axis=0, mode="nearest") if len(power) else power
    smooth: Levels = (10 * np.log10(np.maximum(mean, 1e-12))).astype(np.float32)
    return smooth


def _held(other: Levels, level: Levels) -> Levels:
    """The level of an *other* channel; its loudest up to a quarter of a second ago, if it led then.

    Where it did not lead it may have heard this channel's speaker.
    """
    from scipy.ndimage import maximum_filter1d

    if not len(other):
        return other
    leading = np.where(other > level, other, _DIGITAL_SILENCE)
    padded = np.concatenate([np.full(_HOLD, _DIGITAL_SILENCE, dtype=np.float32), leading])
    recent = maximum_filter1d(padded, _HOLD + 1, mode="nearest")[_HOLD // 2 : -_HOLD // 2]
    held: Levels = np.maximum(other, recent)
    return held


def _distances(smooth: Levels) -> Levels:
    """Decibels that a channel may be quieter than another and still have sound of its own.

    Shape ``(channels, channels)``: of the row's channel against the column's. It is below 0 where
    the other's microphone is so quiet that its speaker is louder in this one. Of two channels with
    the same voices, one has no speaker: the louder one counts.
    """
    alone = _attenuations(smooth)
    # What a voice loses on the way over, and another on the way back, is all that tells them apart.
    apart = alone + alone.T
    found: Levels = np.where(apart < _ONE_VOICE, 0.0, alone - np.minimum(apart / 2, _CLEARLY))
    return found


def _attenuations(smooth: Levels) -> Levels:
    """Decibels by which the voice of the column's channel is quieter in the row's channel."""
    channels = smooth.shape[1]
    found = np.full((channels, channels), _MOST, dtype=np.float32)
    if not len(smooth):
        return found
    below_loudest = np.percentile(smooth, _LOUDEST, axis=0) - smooth
    floor = np.percentile(smooth, _FLOOR_PERCENTILE, axis=0)
    below_loudest[smooth < floor + _ABOVE_FLOOR] = np.inf
    speaker = below_loudest.argmin(axis=1)
    for other in range(channels):
        speaks = (speaker == other) & (below_loudest[:, other] < _LOUD)
        if speaks.any():
            lower = smooth[speaks, other, None] - smooth[speaks]
            found[:, other] = np.minimum(np.percentile(lower, _ALONE, axis=0), _MOST)
    return found
