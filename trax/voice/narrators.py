"""Voices ready to say sentences, whichever engines that takes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.voice.engine import (
    Cloner,
    Converter,
    Likeness,
    Narrator,
    StockVoice,
    Synthesiser,
    VoiceEngines,
)


def narrator(engines: VoiceEngines, voice: str | Waveform) -> Narrator:
    """A voice given as a stock voice's name, as a mix, or as a reference recording.

    A reference is cloned if an engine for that is on this machine. Otherwise the stock voice that
    sounds most like it speaks, and is given its timbre.

    Args:
        voice: a reference should have 6 to 15 s of one person's speech, with nothing else in it.

    Raises:
        NotFound: there is no such stock voice.
        InvalidOption: the mix makes no sense.
        ModelUnavailable: an engine's model is nowhere to be had.
    """
    if isinstance(voice, str):
        return _Stock(engines.synthesiser(), voice)
    cloner = engines.cloner()
    if cloner is not None:
        return _Cloned(cloner, voice)
    return _Converted(engines.synthesiser(), engines.likeness(), engines.converter(), voice)


def nearest_voice(voices: Sequence[StockVoice], timbre: NDArray[np.float64]) -> str:
    """The name of the stock voice that sounds most like *timbre*; ties go to the first name."""
    ranked = sorted(voices, key=lambda voice: (-_cosine(voice, timbre), voice.name))
    return ranked[0].name


def _cosine(voice: StockVoice, timbre: NDArray[np.float64]) -> float:
    if not voice.timbre:
        return -1.0
    own = np.asarray(voice.timbre)
    return float(own @ timbre / max(float(np.linalg.norm(own)), 1e-9))


@dataclass(frozen=True)
class _Stock:
    """A stock voice or a mix."""

    synthesiser: Synthesiser
    voice: str

    def __post_init__(self) -> None:
        self.synthesiser.check(self.voice)

    @property
    def fingerprint(self) -> str:
        return f"{self.synthesiser.fingerprint}/{self.voice}"

    @property
    def languages(self) -> frozenset[str]:
        return self.synthesiser.languages

    def say(self, text: str, language: str, speed: float = 1.0) -> Waveform:
        return self.synthesiser.say(text, self.voice, language, speed)


@dataclass(frozen=True)
class _Cloned:
    """The voice of a reference, spoken by an engine that clones."""

    cloner: Cloner
    reference: Waveform

    @property
    def fingerprint(self) -> str:
        return f"{self.cloner.fingerprint}/{digest(self.reference)}"

    @property
    def languages(self) -> frozenset[str]:
        return self.cloner.languages

    def say(self, text: str, language: str, speed: float = 1.0) -> Waveform:
        return self.cloner.say_like(text, self.reference, language, speed)


@dataclass(frozen=True)
class _Converted:
    """The stock voice nearest to a reference, with the reference's timbre."""

    synthesiser: Synthesiser
    likeness: Likeness
    converter: Converter
    reference: Waveform

    @property
    def fingerprint(self) -> str:
        parts = (
            self.synthesiser.fingerprint,
            self.likeness.fingerprint,
            self.converter.fingerprint,
            digest(self.reference),
        )
        return "/".join(parts)

    @property
    def languages(self) -> frozenset[str]:
        return self.synthesiser.languages

    @cached_property
    def _nearest(self) -> str:
        timbre = self.likeness.embed(self.reference)
        return nearest_voice(self.synthesiser.voices, timbre)

    def say(self, text: str, language: str, speed: float = 1.0) -> Waveform:
        said = self.synthesiser.say(text, self._nearest, language, speed)
        return self.converter.convert(said, self.reference)


def digest(speech: Waveform) -> str:
    """Identifies the samples of *speech* and their rate, in 16 characters."""
    sound = hashlib.sha256(np.ascontiguousarray(speech.samples).tobytes())
    sound.update(str(speech.sample_rate).encode())
    return sound.hexdigest()[:16]
