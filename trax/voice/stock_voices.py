"""Kokoro's English voices and mixes of them.

A Kokoro voice is a table of 510 styles of 256 numbers, one for each number of phonemes. The 28
tables are kept as eight factors each, which restores them within 0.001 % and takes 1/20 of the
room. They are those of Kokoro-82M (hexgrad, Apache-2.0).
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

from trax.errors import InvalidOption, NotFound
from trax.transcript.languages import ENGLISH
from trax.voice.engine import StockVoice

LENGTHS = 510
"""The longest text that has a style, in phonemes."""

REVISION = "1"
"""Grows whenever a voice comes to sound otherwise."""

_WHISPERING = frozenset({"af_nicole"})
"""Voices that whisper: never taken for anybody's, since words get lost when their timbre moves."""

_WHO = {"f": "female", "m": "male"}
_WHERE = {"a": "American", "b": "British"}


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """The factors of all voices.

    Attributes:
        names: of the voices, sorted.
        lengths: float16, shape ``(voices, 510, 8)``.
        styles: float16, shape ``(voices, 8, 256)``.
        timbres: float32, shape ``(voices, 192)``: each voice's embedding by CAM++.
    """

    names: tuple[str, ...]
    lengths: NDArray[np.float16]
    styles: NDArray[np.float16]
    timbres: NDArray[np.float32]


def voices_folder() -> Traversable:
    """The folder with the tables and the phonemes' numbers."""
    return resources.files("trax.voice") / "kokoro_voices"


@cache
def stock_voices() -> tuple[StockVoice, ...]:
    """All voices, sorted by name."""
    tables = _tables()
    return tuple(_stock(*each) for each in zip(tables.names, tables.timbres, strict=True))


def _stock(name: str, timbre: NDArray[np.float32]) -> StockVoice:
    described = f"{_WHO[name[1]]}, {_WHERE[name[0]]}"
    if name in _WHISPERING:
        described = f"{described}, whispering"
        return StockVoice(name=name, language=ENGLISH, description=described, whispers=True)
    heard = tuple(round(float(each), 4) for each in timbre)
    return StockVoice(name=name, language=ENGLISH, description=described, timbre=heard)


def style(voice: str, phonemes: int) -> NDArray[np.float32]:
    """The style of a voice or a mix for a text of so many phonemes, shape ``(256,)``.

    Raises the same errors as `parse_mix`.
    """
    tables = _tables()
    at = min(max(phonemes, 1), LENGTHS) - 1
    mixed = np.zeros(tables.styles.shape[2], np.float32)
    for name, weight in parse_mix(voice).items():
        number = tables.names.index(name)
        factors = tables.lengths[number, at].astype(np.float32)
        mixed += np.float32(weight) * (factors @ tables.styles[number].astype(np.float32))
    return mixed


def parse_mix(voice: str) -> dict[str, float]:
    """The weight of each stock voice in a voice given by name or as a mix; they sum to 1.

    Raises:
        NotFound: there is no such voice.
        InvalidOption: a weight is no positive number.

    >>> parse_mix("af_heart*3+am_adam")
    {'af_heart': 0.75, 'am_adam': 0.25}
    """
    weights: dict[str, float] = {}
    for part in voice.split("+"):
        name, _, weight = part.strip().partition("*")
        if name not in _tables().names:
            raise NotFound("voice", name, f"there are {', '.join(_tables().names)}")
        weights[name] = weights.get(name, 0.0) + _weight(weight, voice)
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _weight(text: str, voice: str) -> float:
    try:
        weight = float(text or 1)
    except ValueError:
        weight = 0.0
    if not 0.0 < weight < float("inf"):
        raise InvalidOption(f"in the voice {voice!r} each weight must be a positive number")
    return weight


@cache
def phoneme_numbers() -> dict[str, int]:
    """The number of each phoneme that Kokoro knows."""
    text = (voices_folder() / "phonemes.json").read_text(encoding="utf-8")
    numbers: dict[str, int] = json.loads(text)
    return numbers


@cache
def _tables() -> _Tables:
    with (voices_folder() / "voices.npz").open("rb") as file, np.load(file) as kept:
        names = tuple(str(name) for name in kept["names"])
        return _Tables(names, kept["lengths"], kept["styles"], kept["timbres"])
