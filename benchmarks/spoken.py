"""Recordings whose text is known, by source, clean and as rooms, noise and lines degrade them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import oaconvolve

from benchmarks.acoustics import coloured_noise, draw_room, telephone
from benchmarks.corpus import all_clips, conversations, corpus
from trax.audio import SAMPLE_RATE, Limits, decode_to_flac

Samples = NDArray[np.float32]

_SOURCES = {"librispeech-other": "librispeech", "jfk": "jfk, ljspeech", "ljspeech": "jfk, ljspeech"}
_FEW_ORDERS = 4  # every fourth order is degraded: they are many and alike


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording and what is said in it.

    Attributes:
        name: of the clean recording.
        source: what is left out together; conversations are made of LibriSpeech's clips.
        kind: ``official``, ``unofficial`` or ``conversation``.
        condition: ``clean`` or how it was degraded.
    """

    name: str
    source: str
    kind: str
    speaker: str
    language: str
    text: str
    audio: Path
    condition: str = "clean"


def clean(folder: Path) -> Iterator[Spoken]:
    """Clips in all languages and conversations, decoded into *folder*."""
    for item in all_clips():
        collection = str(item.facts["file"]).partition("/")[0]
        source = _SOURCES.get(collection, collection)
        language = item.facts["language"]
        if collection == "fleurs":
            source = f"fleurs {language}"
        yield Spoken(
            name=item.facts["file"],
            source=source,
            kind=item.facts["reference_kind"].partition(":")[0],
            speaker=item.facts["speaker"] or collection,
            language=language,
            text=item.text,
            audio=_decoded(item.audio, folder),
        )
    for item in conversations():
        said = sorted(json.loads(item.reference.read_text()), key=lambda each: each["start_time"])
        yield Spoken(
            name=item.audio.stem,
            source="librispeech",
            kind="conversation",
            speaker=item.audio.stem,
            language="en",
            text=" ".join(each["words"] for each in said),
            audio=_decoded(item.audio, folder),
        )


def orders(folder: Path, every: int = 1) -> Iterator[Spoken]:
    """Spoken coffee orders: every so many of them."""
    for part in ("train", "dev"):
        manifest = corpus() / "domain" / part / "manifest.json"
        for facts in json.loads(manifest.read_text())[::every]:
            yield Spoken(
                name=facts["file"],
                source="orders",
                kind="unofficial",
                speaker=facts["speaker"],
                language="en",
                text=facts["reference"],
                audio=_decoded(manifest.parent / facts["file"], folder),
            )


def degraded(folder: Path) -> Iterator[Spoken]:
    """The clips, and some orders, each as one of `CONDITIONS` makes it sound."""
    known = [each for each in clean(folder) if each.kind != "conversation"]
    for seed, spoken in enumerate([*known, *orders(folder, _FEW_ORDERS)]):
        samples, _rate = soundfile.read(str(spoken.audio), dtype="float32")
        rng = np.random.default_rng(seed)
        condition = str(rng.choice(list(CONDITIONS)))
        path = folder / f"degraded-{seed}.flac"
        changed = CONDITIONS[condition](samples, rng)
        soundfile.write(str(path), np.clip(changed, -1, 1), SAMPLE_RATE)
        yield replace(spoken, audio=path, condition=condition)


def _telephone(samples: Samples, rng: np.random.Generator) -> Samples:
    return _noisy(telephone(_scaled(samples, 0.7)), rng.uniform(15, 35), rng)


def _noise(samples: Samples, rng: np.random.Generator) -> Samples:
    return _noisy(_scaled(samples, 0.5), rng.uniform(0, 15), rng)


def _room(samples: Samples, rng: np.random.Generator) -> Samples:
    (response,) = draw_room(1, rng)
    heard = oaconvolve(samples, response)[: len(samples)].astype(np.float32)
    return _noisy(_scaled(heard, 0.7), rng.uniform(15, 35), rng)


def _level(samples: Samples, rng: np.random.Generator) -> Samples:
    """Far too soft, with a converter's noise, or far too loud."""
    if rng.random() < 0.5:
        soft = _scaled(samples, float(10 ** (-rng.uniform(30, 45) / 20)))
        return soft + np.float32(2e-4) * coloured_noise("white", len(soft), rng)
    return np.clip(_scaled(samples, float(rng.uniform(4, 12))), -1, 1) * np.float32(0.8)


CONDITIONS: dict[str, Callable[[Samples, np.random.Generator], Samples]] = {
    "telephone": _telephone,
    "noise": _noise,
    "room": _room,
    "level": _level,
}
"""Ways to degrade speech: from samples and chance to samples."""


def _noisy(samples: Samples, snr_db: float, rng: np.random.Generator) -> Samples:
    colour = str(rng.choice(["white", "pink", "brown"]))
    gain = np.sqrt(np.mean(samples**2)) * 10 ** (-snr_db / 20)
    return samples + np.float32(gain) * coloured_noise(colour, len(samples), rng)


def _scaled(samples: Samples, peak: float) -> Samples:
    return samples * np.float32(peak / max(float(np.abs(samples).max()), 1e-6))


def _decoded(path: Path, folder: Path) -> Path:
    flac = folder / f"{path.parent.name}-{path.stem}.flac"
    if not flac.exists():
        decode_to_flac(path, flac, Limits())
    return flac
