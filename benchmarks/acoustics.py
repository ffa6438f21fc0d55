"""Rooms, noise and telephone lines, made of numbers alone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from trax.audio import SAMPLE_RATE

Samples = NDArray[np.float32]

_SOUND = 343.0  # metres a second
_EARLY = 0.05  # seconds of single reflections; noise after that
_BAND_EDGES = (0, 200, 400, 800, 1600, 3200, 8001)  # Hz
_MOST_EQUALISED_DB = 12.0
_NOISE_SLOPES = {"white": 0.0, "pink": -0.5, "brown": -1.0}


def draw_room(people: int, rng: np.random.Generator) -> list[Samples]:
    """Impulse responses of one room, one microphone and *people* places; direct sound first.

    Early reflections by the image-source method (Allen and Berkley 1979), later ones as noise that
    decays with the room's reverberation time.
    """
    size = rng.uniform([3.0, 2.5, 2.3], [9.0, 7.0, 3.5])
    reverberation = float(rng.uniform(0.2, 0.8))
    microphone = size * rng.uniform(0.3, 0.7, 3)
    microphone[2] = rng.uniform(0.7, 1.2)
    return [_response(size, reverberation, microphone, rng) for _ in range(people)]


def _response(
    size: NDArray[np.float64],
    reverberation: float,
    microphone: NDArray[np.float64],
    rng: np.random.Generator,
) -> Samples:
    place = _place(size, microphone, rng)
    volume = float(size.prod())
    surface = 2 * volume * float((1 / size).sum())
    absorbed = min(0.95, 0.161 * volume / (surface * reverberation))  # Sabine
    distances, gains = _images(size, place, microphone, np.sqrt(1 - absorbed))
    direct = float(np.linalg.norm(place - microphone))
    delays = np.round((distances - direct) / _SOUND * SAMPLE_RATE).astype(int)
    response = np.zeros(int((reverberation + _EARLY) * SAMPLE_RATE))
    early = delays < _EARLY * SAMPLE_RATE
    np.add.at(response, delays[early], gains[early] * direct)
    late = np.arange(int(_EARLY * SAMPLE_RATE), len(response))
    seconds = late / SAMPLE_RATE + direct / _SOUND
    power = 4 * np.pi * _SOUND / volume / SAMPLE_RATE * 10 ** (-6 * seconds / reverberation)
    response[late] = direct * np.sqrt(power) * rng.standard_normal(len(late))
    return response.astype(np.float32)


def _place(
    size: NDArray[np.float64], microphone: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Where somebody sits: 0.4 to 3 m from the microphone, within the room."""
    angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 3.0)
    place = microphone + distance * np.array([np.cos(angle), np.sin(angle), 0.0])
    place[2] = rng.uniform(1.0, 1.6)
    return np.clip(place, 0.2, size - 0.2)


def _images(
    size: NDArray[np.float64],
    place: NDArray[np.float64],
    microphone: NDArray[np.float64],
    reflection: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances and gains of the mirror images within reach of the early reflections."""
    reach = int(np.ceil((_EARLY * _SOUND + 4) / (2 * size.min()))) + 1
    steps = np.arange(-reach, reach + 1)
    axes, bounces = [], []
    for length, source, ear in zip(size, place, microphone, strict=True):
        near = 2 * steps * length + source - ear
        far = 2 * steps * length - source - ear
        axes.append(np.concatenate([near, far]))
        bounces.append(np.concatenate([2 * abs(steps), abs(2 * steps - 1)]))
    x, y, z = np.meshgrid(*axes, indexing="ij")
    a, b, c = np.meshgrid(*bounces, indexing="ij")
    distances = np.sqrt(x**2 + y**2 + z**2).ravel()
    return distances, reflection ** (a + b + c).ravel() / np.maximum(distances, 0.1)


def coloured_noise(colour: str, length: int, rng: np.random.Generator) -> Samples:
    """Noise with an RMS of 1; *colour* is ``white``, ``pink`` or ``brown``."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 20.0)
    shaped = np.fft.irfft(spectrum * frequency ** _NOISE_SLOPES[colour], length)
    noise: Samples = (shaped / np.sqrt(np.mean(shaped**2))).astype(np.float32)
    return noise


def draw_burst(rng: np.random.Generator) -> Samples:
    """A sound that people make without speaking, with a peak of about 1."""
    makers: list[Callable[[np.random.Generator], NDArray[np.float64]]] = [
        _laughter,
        _breath,
        _knock,
    ]
    return np.asarray(makers[rng.integers(len(makers))](rng), dtype=np.float32)


def _laughter(rng: np.random.Generator) -> NDArray[np.float64]:
    """Four to six bursts a second, through the resonances of an open mouth, dying away."""
    seconds = _seconds(rng.uniform(0.5, 1.5))
    pulses = np.maximum(0, np.sin(2 * np.pi * rng.uniform(4, 6) * seconds)) ** 2
    noise = rng.standard_normal(len(seconds))
    mouth = sum(_band(noise, centre, 200.0) for centre in rng.uniform([600, 1100], [900, 1700]))
    return _peak(mouth * pulses * np.exp(-1.5 * seconds / seconds[-1]))


def _breath(rng: np.random.Generator) -> NDArray[np.float64]:
    seconds = _seconds(rng.uniform(0.2, 0.6))
    shape = np.sin(np.pi * seconds / seconds[-1]) ** 2
    return _peak(_band(rng.standard_normal(len(seconds)), 2500.0, 3000.0) * shape)


def _knock(rng: np.random.Generator) -> NDArray[np.float64]:
    seconds = _seconds(rng.uniform(0.05, 0.15))
    return _peak(rng.standard_normal(len(seconds)) * np.exp(-60 * seconds))


def _seconds(duration: float) -> NDArray[np.float64]:
    return np.arange(1, int(duration * SAMPLE_RATE)) / SAMPLE_RATE


def _band(samples: NDArray[np.float64], centre: float, width: float) -> NDArray[np.float64]:
    edges = [max(50.0, centre - width / 2), centre + width / 2]
    sections = butter(2, edges, "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sections, samples))


def _peak(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    return samples / max(float(np.abs(samples).max()), 1e-9)


def equalised(tracks: list[Samples]) -> list[Samples]:
    """The same people through one microphone: octave bands are as strong in each as in the mean of
    all.

    Clips were recorded with a microphone each, by which people could be told apart.
    """
    spectra = [np.fft.rfft(track) for track in tracks]
    frequency = np.fft.rfftfreq(len(tracks[0]), 1 / SAMPLE_RATE)
    bands = np.digitize(frequency, _BAND_EDGES) - 1
    powers = np.array([np.bincount(bands, np.abs(spectrum) ** 2) for spectrum in spectra])
    level = 10 * np.log10(powers / powers.sum(axis=1, keepdims=True) + 1e-9)
    change = np.clip(level.mean(axis=0) - level, -_MOST_EQUALISED_DB, _MOST_EQUALISED_DB)
    middles = np.sqrt(np.multiply(_BAND_EDGES[1:], np.maximum(_BAND_EDGES[:-1], 50)))
    heard = []
    for spectrum, gains in zip(spectra, change, strict=True):
        smooth = 10 ** (np.interp(frequency, middles, gains) / 20)
        heard.append(np.fft.irfft(spectrum * smooth, len(tracks[0])).astype(np.float32))
    return heard


def tilted(samples: Samples, tilt: float) -> Samples:
    """Through a microphone or handset of its own: *tilt* below 0 is dull, above 0 sharp."""
    return np.asarray(lfilter([1.0, -tilt], [1.0 + abs(tilt)], samples), dtype=np.float32)


def telephone(samples: Samples) -> Samples:
    """300 to 3400 Hz, 8 kHz, 8 bits of mu-law (G.711); peaks above 1 are clipped."""
    narrow = resample_poly(samples, 1, 2)
    sections = butter(4, [300, 3400], "bandpass", fs=SAMPLE_RATE // 2, output="sos")
    line = np.clip(sosfilt(sections, narrow), -1, 1)
    coded = np.sign(line) * np.log1p(255 * np.abs(line)) / np.log(256)
    coded = np.round(coded * 127) / 127
    heard = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    return np.asarray(resample_poly(heard, 2, 1)[: len(samples)], dtype=np.float32)
