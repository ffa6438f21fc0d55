"""Conversations over music or street noise, made of clips whose parts are known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt

from benchmarks.corpus import all_clips

RATE = 44_100
Mono = NDArray[np.float32]

_PAUSE = 0.25  # seconds of silence that part two pieces of speech
_GAPS = (0.5, 1.4)  # seconds between turns
_SPEECH_LUFS = -20.0


@dataclass(frozen=True, slots=True)
class Mix:
    """A conversation, and what it is made of.

    Attributes:
        voices: each speaker's clean speech, as long as the mix; shape ``(frames,)``.
        background: shape ``(frames, 2)``.
        turns: start, end, speaker and text of each clip.
    """

    name: str
    path: Path
    voices: dict[str, Mono]
    background: NDArray[np.float32]
    turns: tuple[tuple[float, float, str, str], ...]

    @property
    def mix(self) -> NDArray[np.float32]:
        """All of it."""
        speech = np.sum(list(self.voices.values()), axis=0)
        total: NDArray[np.float32] = (speech[:, None] + self.background).astype(np.float32)
        return total


Speech = Callable[[str, int], tuple[Mono, str]]
"""A clip of a speaker by its number, and its text."""


def build(
    folder: Path,
    name: str,
    speakers: Sequence[str],
    kind: str,
    below: float,
    clips: int,
    seed: int,
    clip: Speech | None = None,
) -> Mix:
    """A mix of *clips* clips of each of *speakers*, in turn.

    Args:
        clip: gives them; by default the corpus' short clips do.
        kind: ``street`` for noise, else the path of a piece of music.
        below: units of loudness by which the background is softer than the speech.
    """
    rng = np.random.default_rng(seed)
    turns: list[tuple[float, float, str, str]] = []
    pieces: list[tuple[int, str, Mono]] = []
    at = 0.7
    for number in range(clips):
        for speaker in speakers:
            speech, text = (clip or clip_at)(speaker, number)
            pieces.append((round(at * RATE), speaker, speech))
            turns.append((at, at + len(speech) / RATE, speaker, text))
            at += len(speech) / RATE + float(rng.uniform(*_GAPS))
    frames = round((at + 0.5) * RATE)
    voices = {speaker: np.zeros(frames, np.float32) for speaker in speakers}
    for start, speaker, speech in pieces:
        voices[speaker][start : start + len(speech)] += speech
    background = _street(frames, rng) if kind == "street" else _music(Path(kind), frames)
    background = at_loudness(background, _SPEECH_LUFS - below)
    made = Mix(name, folder / f"{name}.wav", voices, background, tuple(turns))
    soundfile.write(str(made.path), made.mix, RATE, subtype="PCM_16")
    return made


def at_loudness(samples: NDArray[np.float32], wanted: float) -> NDArray[np.float32]:
    """Samples as loud as is *wanted*, in LUFS."""
    from trax.voice.mixing import loudness

    wide = samples if samples.ndim == 2 else samples[:, None]
    gain = wanted - loudness(wide, RATE)
    scaled: NDArray[np.float32] = (samples * 10 ** (gain / 20)).astype(np.float32)
    return scaled


def read_clips(files: Callable[[str], list[tuple[Path, str]]]) -> Speech:
    """Clips out of a speaker's *files*, which have their texts with them."""

    def clip(speaker: str, number: int) -> tuple[Mono, str]:
        mine = files(speaker)
        path, text = mine[number % len(mine)]
        samples, rate = soundfile.read(str(path), dtype="float32")
        made = resample_poly(samples, RATE, rate).astype(np.float32)
        return at_loudness(made, _SPEECH_LUFS), text

    return clip


def _of_corpus(speaker: str) -> list[tuple[Path, str]]:
    mine = (item for item in all_clips() if item.facts["speaker"] == speaker)
    return [(item.audio, item.text) for item in mine]


clip_at = read_clips(_of_corpus)
"""A clip of the corpus by its speaker and number."""


def _music(path: Path, frames: int) -> NDArray[np.float32]:
    with av.open(str(path), format="g722" if path.suffix == ".g722" else None) as container:
        parts = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].sample_rate
    sound = np.concatenate(parts).astype(np.float32) / 32768
    wide = resample_poly(sound, RATE, rate).astype(np.float32)
    right = np.roll(wide, round(0.011 * RATE)) * 0.8  # so that it is not in the middle
    both = np.stack([wide, right], axis=1)
    return np.resize(both, (frames, 2))


def _street(frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise of engines and tyres that swells as cars pass, different on both sides."""
    low = sosfilt(butter(2, 400, fs=RATE, output="sos"), rng.normal(0, 1, (frames, 2)), axis=0)
    high = sosfilt(
        butter(2, [800, 3000], "bandpass", fs=RATE, output="sos"),
        rng.normal(0, 1, (frames, 2)),
        axis=0,
    )
    time = np.arange(frames) / RATE
    swell = np.ones(frames)
    for start in rng.uniform(0, frames / RATE, max(1, frames // (6 * RATE))):
        swell += 3.0 * np.exp(-(((time - start) / 1.5) ** 2))
    return ((3 * low + high) * swell[:, None]).astype(np.float32)


def speaks(voice: Mono) -> list[tuple[float, float]]:
    """When a clean voice speaks, by its level alone."""
    step = RATE // 100
    count = len(voice) // step
    level = np.sqrt((voice[: count * step].reshape(count, step) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (-35 / 20))
    found: list[tuple[float, float]] = []
    for at in loud / 100:
        if found and at - found[-1][1] < _PAUSE:
            found[-1] = (found[-1][0], at + 0.01)
        else:
            found.append((at, at + 0.01))
    return found
