"""Speech given the timbre of another voice, with the WORLD vocoder.

Each voiced frame takes the spectral envelope and the breath of those frames of the reference that
are most like it (the idea of Baas et al., "Voice conversion with just nearest neighbors",
Interspeech 2023, on cepstra), and the melody is moved to the reference's range. Voiceless sounds,
which carry words more than voices, are only equalised. WORLD is that of Morise et al. (IEICE Trans.
2016).
"""

from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.ndimage import uniform_filter1d

from trax.audio import Waveform
from trax.audio.resampling import fitted, resample, resampled
from trax.errors import InvalidOption, MissingPart
from trax.voice.narrators import digest

VERSION = 3
"""Grows whenever the same speech comes to be converted otherwise."""

LEAST_REFERENCE = 3.0
"""Seconds of voiced speech that a reference must have."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_version = cache(metadata.version)  # it reads files

_SAMPLE_RATE = 24_000
_PERIOD_MS = 5.0
_LOWEST, _HIGHEST = 60.0, 500.0  # Hz, of voices
_MELS = 40
_CEPSTRA = 20
_CONTEXT = 2  # frames before and after that are compared, too
_NEIGHBOURS = 8
_FEWEST = 20  # candidates
_PAUSES = 20  # per cent of a reference's frames
_SMOOTHED = 3  # frames
_MOST_WIDENED = 1.5  # by how much the melody may grow
_FLOOR = 1e-16


@dataclass(frozen=True, slots=True, eq=False)
class _Analysis:
    """Speech as WORLD sees it, a frame each 5 ms.

    Attributes:
        pitch: Hz, 0 where there is none; shape ``(frames,)``.
        envelope: natural logarithm of power; shape ``(frames, bins)``.
        aperiodicity: shape ``(frames, bins)``.
    """

    pitch: Floats
    envelope: Floats
    aperiodicity: Floats

    @property
    def is_voiced(self) -> NDArray[np.bool_]:
        """Shape ``(frames,)``."""
        return self.pitch > 0


class WorldConverter:
    """Timbre transfer; keeps the last reference's analysis."""

    def __init__(self) -> None:
        self._reference: tuple[str, _Analysis] | None = None

    @property
    def fingerprint(self) -> str:
        """Names method and library version."""
        return f"trax-world-{VERSION}/pyworld-{_version('pyworld-prebuilt')}"

    def convert(self, speech: Waveform, reference: Waveform) -> Waveform:
        """*speech* in the timbre of *reference*; see `Converter`."""
        target = self._analysed(reference)
        source = _analyse(resampled(speech, _SAMPLE_RATE))
        if not source.is_voiced.any():
            return speech
        made = _synthesised(_converted(source, target))
        samples = resample(made, _SAMPLE_RATE, speech.sample_rate)
        return replace(speech, samples=fitted(samples, len(speech.samples)))

    def _analysed(self, reference: Waveform) -> _Analysis:
        key = digest(reference)
        if self._reference is None or self._reference[0] != key:
            analysis = _analyse(resampled(reference, _SAMPLE_RATE))
            voiced = np.count_nonzero(analysis.is_voiced) * _PERIOD_MS / 1000
            if voiced < LEAST_REFERENCE:
                raise InvalidOption(
                    f"the reference has {voiced:.1f} s of voiced speech, and {LEAST_REFERENCE:.0f} "
                    "s are needed: give a longer one"
                )
            self._reference = key, analysis
        return self._reference[1]


def _analyse(speech: Waveform) -> _Analysis:
    world = _world()
    samples = speech.samples.astype(np.float64)
    pitch, times = world.harvest(
        samples,
        _SAMPLE_RATE,
        f0_floor=_LOWEST,
        f0_ceil=_HIGHEST,
        frame_period=_PERIOD_MS,
    )
    power = world.cheaptrick(samples, pitch, times, _SAMPLE_RATE)
    aperiodicity = world.d4c(samples, pitch, times, _SAMPLE_RATE)
    return _Analysis(pitch, np.log(np.maximum(power, _FLOOR)), aperiodicity)


def _synthesised(analysis: _Analysis) -> NDArray[np.float32]:
    made = _world().synthesize(
        analysis.pitch,
        np.exp(analysis.envelope),
        analysis.aperiodicity,
        _SAMPLE_RATE,
        frame_period=_PERIOD_MS,
    )
    return np.asarray(made, dtype=np.float32)


def _converted(source: _Analysis, target: _Analysis) -> _Analysis:
    made = replace(
        source,
        pitch=_melody(source.pitch, target.pitch),
        envelope=source.envelope.copy(),
        aperiodicity=source.aperiodicity.copy(),
    )
    heard = _is_heard(target)
    _fill(made, source, target, source.is_voiced, target.is_voiced & heard)
    unvoiced = ~source.is_voiced
    made.envelope[unvoiced] += _tilt(source.envelope[unvoiced], target.envelope[~target.is_voiced])
    smooth = uniform_filter1d(made.envelope, _SMOOTHED, axis=0)
    smooth += _loudness(source.envelope) - _loudness(smooth)
    return replace(made, envelope=smooth)


def _fill(
    made: _Analysis, source: _Analysis, target: _Analysis, frames: Mask, candidates: Mask
) -> None:
    """Take the timbre of *frames* from those of the target's *candidates* that are most like each;
    with too few candidates they stay.
    """
    if np.count_nonzero(candidates) < _FEWEST or not frames.any():
        return
    chosen = _nearest(_features(source, frames), _features(target, candidates))
    levelled = (target.envelope - _loudness(target.envelope))[candidates]
    aperiodicity = target.aperiodicity[candidates]
    loudness = _loudness(source.envelope)
    for frame, neighbours in zip(np.flatnonzero(frames), chosen, strict=True):
        made.envelope[frame] = levelled[neighbours].mean(axis=0) + loudness[frame]
        made.aperiodicity[frame] = aperiodicity[neighbours].mean(axis=0)


def _tilt(source: Floats, target: Floats) -> Floats:
    """How the mean envelope of *target* differs from that of *source*, loudness aside."""
    if not len(source) or not len(target):
        return np.zeros(source.shape[1])
    difference = target.mean(axis=0) - source.mean(axis=0)
    tilt: Floats = difference - difference.mean()
    return tilt


def _features(analysis: _Analysis, frames: Mask) -> Floats:
    """What is said in each of *frames*, with what comes before and after; whose voice it is, which
    the mean tells, is taken away.
    """
    cepstra = _cepstra(analysis.envelope)
    centred = np.pad(cepstra - cepstra[frames].mean(axis=0), [(_CONTEXT, _CONTEXT), (0, 0)], "edge")
    total = len(cepstra)
    seen = [centred[at : at + total] for at in (0, _CONTEXT, 2 * _CONTEXT)]
    joined: Floats = np.concatenate(seen, axis=1)[frames]
    return joined


def _nearest(ours: Floats, theirs: Floats) -> NDArray[np.intp]:
    """The rows of *theirs* most like each of *ours*, shape ``(frames, neighbours)``."""
    distances = (theirs**2).sum(axis=1) - 2 * ours @ theirs.T
    nearest: NDArray[np.intp] = np.argpartition(distances, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    return nearest


def _is_heard(analysis: _Analysis) -> Mask:
    """All frames but the quietest fifth, which are pauses."""
    loudness = _loudness(analysis.envelope)[:, 0]
    heard: Mask = loudness > np.percentile(loudness, _PAUSES)
    return heard


def _melody(source: Floats, target: Floats) -> Floats:
    """The melody of *source* in the range of *target*."""
    ours, theirs = np.log(source[source > 0]), np.log(target[target > 0])
    wider = min(theirs.std() / max(ours.std(), 1e-3), _MOST_WIDENED)
    moved = np.zeros_like(source)
    moved[source > 0] = np.exp((ours - np.median(ours)) * wider + np.median(theirs))
    melody: Floats = np.where(source > 0, np.clip(moved, _LOWEST, _HIGHEST), 0.0)
    return melody


def _loudness(envelope: Floats) -> Floats:
    """Logarithm of each frame's power, shape ``(frames, 1)``."""
    loudness: Floats = np.log(np.exp(envelope).mean(axis=1, keepdims=True))
    return loudness


def _cepstra(envelope: Floats) -> Floats:
    """Mel cepstra of each frame without the first, which is its loudness."""
    cepstra: Floats = dct(envelope @ _mel_weights(envelope.shape[1]), norm="ortho", axis=1)
    return cepstra[:, 1 : _CEPSTRA + 1]


@cache
def _mel_weights(bins: int) -> Floats:
    """Triangles that gather bins into mels, shape ``(bins, 40)``; each sums to 1."""
    hertz = np.linspace(0, _SAMPLE_RATE / 2, bins)
    highest = 2595 * np.log10(1 + _SAMPLE_RATE / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, highest, _MELS + 2) / 2595) - 1)
    columns = [np.interp(hertz, corners[at : at + 3], [0, 1, 0]) for at in range(_MELS)]
    weights = np.stack(columns, axis=1)
    summed: Floats = weights / weights.sum(axis=0)
    return summed


@cache
def _world() -> Any:
    try:
        import pyworld
    except ImportError as error:
        raise MissingPart("install the package pyworld-prebuilt to transfer timbre") from error
    return pyworld
