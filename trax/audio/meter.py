"""Measures what is decoded: how loud it is, and which channels cancel each other."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.audio.conversion import SAMPLE_RATE

BLOCK = 4096
"""Samples of 16 kHz that are measured together: about a quarter of a second."""

_BATCH = 32  # blocks measured at once
_FRAME = 512  # samples; a block's level is the median over them, so that a click does not count
_WINDOW = np.hanning(BLOCK).astype(np.float32)  # keeps hum out of the bands of speech
_BAND_EDGES_HZ = (200, 400, 700, 1100, 1700, 2500, 3400)
_FLOOR_DB = -120.0
_ABSURD = 1e10  # amplitude; even 32-bit integers kept as floats are smaller

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A recording, block by block.

    Attributes:
        levels: dB relative to full scale without offset, shape ``(blocks, channels)``.
        mixed: the same of the mean of all channels, shape ``(blocks,)``.
        peaks: largest amplitude of any channel in most of each block, shape ``(blocks,)``.
        power: in the band of speech, shape ``(blocks, channels)``.
        likeness: correlation of each channel with the loudest one of the block, the mean over parts
            of that band, shape ``(blocks, channels)``. Of a channel that is only late it is near 0,
            not negative.
        offset: mean of each channel, shape ``(channels,)``.
    """

    levels: Values
    mixed: Values
    peaks: Values
    power: Values
    likeness: Values
    offset: Values

    @property
    def channels(self) -> int:
        """The largest number of channels at any time."""
        return len(self.offset)


class Meter:
    """Takes a recording's samples, whatever the number of channels, and measures them."""

    def __init__(self) -> None:
        self._waiting: list[Values] = []
        self._frames_waiting = 0
        self._parts: list[tuple[Values, ...]] = []
        self._sums = np.zeros(1)
        self._frames = 0

    def take(self, samples: Values) -> None:
        """Take the float *samples* that follow, shape ``(frames, channels)``."""
        self._frames += len(samples)
        self._wait(samples)

    def _wait(self, samples: Values) -> None:
        self._waiting.append(samples)
        self._frames_waiting += len(samples)
        if self._frames_waiting >= _BATCH * BLOCK:
            self._measure()

    def measured(self) -> Measured:
        """What was measured of everything taken."""
        rest = -self._frames_waiting % BLOCK
        if self._frames_waiting:
            self._wait(np.zeros((rest, 1), dtype=np.float32))
            self._measure()
        channels = len(self._sums)
        columns = zip(*self._parts, strict=True)
        levels, mixed, peaks, power, likeness = (_joined(each, channels) for each in columns)
        return Measured(
            levels=levels,
            mixed=mixed[:, 0],
            peaks=peaks[:, 0],
            power=power,
            likeness=likeness,
            offset=(self._sums / max(1, self._frames)).astype(np.float32),
        )

    def _measure(self) -> None:
        """Measure the whole blocks that wait."""
        channels = max(each.shape[1] for each in self._waiting)
        samples = finite(np.concatenate([widened(each, channels) for each in self._waiting]))
        whole = len(samples) // BLOCK * BLOCK
        self._waiting = [samples[whole:]]
        self._frames_waiting = len(samples) - whole
        if not whole:
            return
        blocks = samples[:whole].reshape(-1, BLOCK, channels).transpose(0, 2, 1)
        blocks = np.ascontiguousarray(blocks)
        sums = np.zeros(max(channels, len(self._sums)))
        sums[: len(self._sums)] += self._sums
        sums[:channels] += blocks.sum(axis=2, dtype=np.float64).sum(axis=0)
        self._sums = sums
        levels = _levels(blocks)
        mixed = _levels(blocks.mean(axis=1, keepdims=True)) if channels > 1 else levels
        self._parts.append((levels, mixed, _peaks(blocks), *_alike(blocks)))


def finite(samples: Values) -> Values:
    """*samples* without what damaged floats hold: no numbers, and absurdly large ones."""
    if np.abs(samples).max(initial=0.0) <= _ABSURD:
        return samples
    found: Values = np.nan_to_num(samples, posinf=0.0, neginf=0.0).clip(-_ABSURD, _ABSURD)
    return found


def widened(samples: Values, channels: int) -> Values:
    """*samples* with silent channels added, so that there are at least *channels*."""
    missing = channels - samples.shape[1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing > 0 else samples


def _joined(parts: tuple[Values, ...], channels: int) -> Values:
    return np.concatenate([widened(part, channels) for part in parts])


def _levels(blocks: Values) -> Values:
    """Level of each channel of *blocks*, whose shape is ``(blocks, channels, samples)``."""
    frames = blocks.reshape(*blocks.shape[:2], -1, _FRAME)
    power = np.median(frames.var(axis=3), axis=2)
    found: Values = np.maximum(10 * np.log10(power + 1e-30), _FLOOR_DB).astype(np.float32)
    return found


def _peaks(blocks: Values) -> Values:
    frames = np.abs(blocks).reshape(*blocks.shape[:2], -1, _FRAME)
    loudest = frames.max(axis=3).max(axis=1)
    found: Values = np.median(loudest, axis=1, keepdims=True).astype(np.float32)
    return found


def _alike(blocks: Values) -> tuple[Values, Values]:
    """Power in the band of speech, and the correlation with the loudest channel there."""
    count, channels, _ = blocks.shape
    if channels == 1:
        return np.ones((count, 1), dtype=np.float32), np.ones((count, 1), dtype=np.float32)
    edges = [round(hertz * BLOCK / SAMPLE_RATE) for hertz in _BAND_EDGES_HZ]
    spectrum = np.fft.rfft(blocks * _WINDOW)[..., : edges[-1]].astype(np.complex64)
    power = _summed(np.square(np.abs(spectrum)), edges)
    loudest = power.sum(axis=2).argmax(axis=1)[:, None, None]
    reference = np.take_along_axis(spectrum, loudest, axis=1)
    shared = _summed((reference.conj() * spectrum).real, edges)
    norm = np.sqrt(power * np.take_along_axis(power, loudest, axis=1))
    likeness = (shared / np.maximum(norm, 1e-20)).mean(axis=2)
    return power.sum(axis=2).astype(np.float32), likeness.astype(np.float32)


def _summed(values: Values, edges: list[int]) -> Values:
    """The sum of *values* over each band, shape ``(blocks, channels, bands)``."""
    bands = [values[..., first:past].sum(axis=2) for first, past in pairwise(edges)]
    return np.stack(bands, axis=2)
