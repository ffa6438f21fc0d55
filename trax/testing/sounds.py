"""Sounds with known content, in every container, whole and broken."""

import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import soundfile
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from numpy.typing import NDArray

# Suffix of each container that Trax takes -> the container's and codec's names in FFmpeg.
CONTAINERS = {
    "wav": ("wav", "pcm_s16le"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("ipod", "aac"),
    "flac": ("flac", "flac"),
    "ogg": ("ogg", "libopus"),
    "opus": ("opus", "libopus"),
    "webm": ("webm", "libopus"),
    "mp4": ("mp4", "aac"),
    "mkv": ("matroska", "flac"),
    "mov": ("mov", "pcm_s16le"),
    "aac": ("adts", "aac"),
    "wma": ("asf", "wmav2"),
}


def tone(
    seconds: float, sample_rate: int = 16_000, hertz: float = 440.0, level: float = 0.3
) -> NDArray[np.float32]:
    """A sine, shape ``(frames,)``."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise(seconds: float, level: float, seed: int = 0) -> NDArray[np.float32]:
    """White noise at 16 kHz, shape ``(frames,)``; *level* is its standard deviation."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * 16_000)).astype(np.float32)


def hold_tone(seconds: float) -> NDArray[np.float32]:
    """Two seconds of two sines, two seconds of nothing, and again: a telephone that rings."""
    rings = (np.arange(round(seconds * 16_000)) // 32_000) % 2 == 0
    both = tone(seconds) + tone(seconds, hertz=480.0)
    return np.where(rings, both / 2, 0).astype(np.float32)


def music(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Plucked notes of a major scale, two a second."""
    chance, total = np.random.default_rng(seed), round(seconds * 16_000)
    found: NDArray[np.float64] = np.zeros(total + 16_000)
    time = np.arange(16_000) / 16_000
    for start in range(0, total, 8_000):
        hertz = 220.0 * 2.0 ** (chance.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        for harmonic in range(1, 5):
            found[start : start + 16_000] += (
                np.sin(2 * np.pi * hertz * harmonic * time) / harmonic * np.exp(-5 * time)
            )
    return (0.1 * found[:total]).astype(np.float32)


def applause(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """Ten claps a second, each a burst of noise."""
    chance, total = np.random.default_rng(seed), round(seconds * 16_000)
    found = np.zeros(total + 1_600)
    for start in chance.integers(0, total, round(10 * seconds)):
        found[start : start + 1_600] += chance.normal(0, 0.2, 1_600) * np.exp(
            -np.arange(1_600) / 200
        )
    return found[:total].astype(np.float32)


def write_audio(path: Path, samples: NDArray[np.float32], sample_rate: int = 16_000) -> Path:
    """*samples* as a file that libsndfile knows by *path*'s suffix; 16 bit."""
    soundfile.write(str(path), samples, sample_rate, subtype="PCM_16")
    return path


def encode(
    path: Path, samples: NDArray[np.float32], sample_rate: int = 16_000, video: bool = False
) -> Path:
    """*samples* in the container and codec that *path*'s suffix names, with a black picture where
    asked.
    """
    container_name, codec = CONTAINERS[path.suffix.lstrip(".")]
    with av.open(str(path), "w", format=container_name) as container:
        picture = container.add_stream("mpeg4", rate=5) if video else None
        rate = 48_000 if codec == "libopus" else sample_rate
        stream = cast(AudioStream, container.add_stream(codec, rate=rate, layout="mono"))
        stream.bit_rate = 64_000
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
            for _ in range(max(1, round(5 * len(samples) / sample_rate))):
                black = av.VideoFrame.from_ndarray(
                    np.zeros((48, 64, 3), dtype=np.uint8), format="rgb24"
                )
                container.mux(picture.encode(black))
            container.mux(picture.encode(None))
        context = stream.codec_context
        resampler = AudioResampler(context.format, "mono", rate, context.frame_size or 1024)
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        whole = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        whole.sample_rate, whole.pts, whole.time_base = sample_rate, 0, Fraction(1, sample_rate)
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def mutants(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """*count* ways in which a file gets broken: cut, holes, flipped bits, garbage, doubled and
    swapped parts.

    The same *seed* gives the same files.
    """
    chance = random.Random(seed)
    kinds = (_cut, _flip, _garbage_head, _zeroed, _doubled, _swapped, _foreign, _sizes)
    for number in range(count):
        yield kinds[number % len(kinds)](bytearray(data), chance)


def _somewhere(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(max(1, len(data)))
    return start, min(len(data), start + chance.randint(1, max(1, len(data) // 3)))


def _cut(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data[: chance.randrange(1, len(data) + 1)])


def _flip(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 60)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _garbage_head(data: bytearray, chance: random.Random) -> bytes:
    """The header, where lengths and offsets stand, is hit hardest."""
    for _ in range(chance.randint(1, 12)):
        data[chance.randrange(min(200, len(data)))] = chance.randrange(256)
    return bytes(data)


def _zeroed(data: bytearray, chance: random.Random) -> bytes:
    start, end = _somewhere(data, chance)
    data[start:end] = bytes(end - start)
    return bytes(data)


def _doubled(data: bytearray, chance: random.Random) -> bytes:
    start, end = _somewhere(data, chance)
    return bytes(data[:end] + data[start:])


def _swapped(data: bytearray, chance: random.Random) -> bytes:
    middle = chance.randrange(len(data))
    return bytes(data[middle:] + data[:middle])


def _foreign(data: bytearray, chance: random.Random) -> bytes:
    start, end = _somewhere(data, chance)
    data[start:end] = chance.randbytes(end - start)
    return bytes(data)


def _sizes(data: bytearray, chance: random.Random) -> bytes:
    """A four-byte number somewhere in the header becomes huge or zero."""
    at = chance.randrange(max(1, min(400, len(data) - 4)))
    data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0"))
    return bytes(data)
