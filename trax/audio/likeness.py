"""Whether one stream's sound is heard in another: the same programme, or a mix that has it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trax.audio.waveform import StoredAudio
from trax.transcript.span import Span

_STRETCHES = 60
_STRETCH = 10.0  # seconds
_FRAME = 1024  # samples of 16 kHz
_HOP = 512
_BINS = slice(13, 218)  # 200 to 3400 Hz
_LAGS = range(-4, 5)  # hops by which streams may be apart
_LOUD = 20.0  # dB below the loudest frames down to which a frame counts
_LOUDEST = 95  # percentile
_FAINT = 12.0  # dB below its own loudest frames at which a stream has only crosstalk
_ALIKE = 0.7  # cosine between spectra of the same sound

Values = NDArray[np.float32]


def is_heard_in(one: StoredAudio, other: StoredAudio) -> bool:
    """Whether the loud sound of *one* is in *other* too, not only as crosstalk.

    At most ten minutes of each are compared, spread over the recording.
    """
    duration = min(one.duration, other.duration)
    spectra = [(_spectra(one, span), _spectra(other, span)) for span in _stretches(duration)]
    if not spectra:
        return False
    loud = _loudest(pair[0] for pair in spectra) - _LOUD
    audible = _loudest(pair[1] for pair in spectra) - _FAINT
    by_lag = [_median_likeness(spectra, lag, loud, audible) for lag in _LAGS]
    return max(by_lag) > _ALIKE


def _stretches(duration: float) -> Iterator[Span]:
    count = min(_STRETCHES, int(np.ceil(duration / _STRETCH)))
    for start in np.linspace(0, max(0.0, duration - _STRETCH), count):
        yield Span(float(start), min(float(start) + _STRETCH, duration))


def _spectra(audio: StoredAudio, span: Span) -> Values:
    """Magnitudes in the band of speech, shape ``(frames, bins)``."""
    samples = audio.read(span).samples
    padded = np.pad(samples, (0, max(0, _FRAME - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    spectrum = np.fft.rfft(frames * np.hanning(_FRAME), axis=1)[:, _BINS]
    return np.abs(spectrum).astype(np.float32)


def _loudest(spectra: Iterator[Values]) -> float:
    return float(np.percentile(np.concatenate([_decibels(each) for each in spectra]), _LOUDEST))


def _decibels(spectra: Values) -> Values:
    power = np.square(spectra).sum(axis=1)
    found: Values = (10 * np.log10(power + 1e-12)).astype(np.float32)
    return found


def _median_likeness(
    spectra: list[tuple[Values, Values]], lag: int, loud: float, audible: float
) -> float:
    """The median over the loud frames of the first stream."""
    found = []
    for one, other in spectra:
        count = min(len(one), len(other)) - abs(lag)
        first = one[max(0, lag) :][: max(0, count)]
        second = other[max(0, -lag) :][: max(0, count)]
        norm = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
        cosine = (first * second).sum(axis=1) / np.maximum(norm, 1e-12)
        cosine[_decibels(second) < audible] = 0.0
        found.append(cosine[_decibels(first) > loud])
    everything = np.concatenate(found)
    return float(np.median(everything)) if len(everything) else 0.0
