"""Engines of voices that are arithmetic: a voice is a tone, its pitch tells whose it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.errors import NotFound
from trax.testing.sounds import tone
from trax.voice import (
    Block,
    Cloner,
    Converter,
    Likeness,
    Separator,
    StockVoice,
    Synthesiser,
    Watermark,
    check_language,
)

_SAMPLE_RATE = 24_000
_WORD = 0.3  # seconds
_LOWEST, _STEP, _PITCHES = 200.0, 50.0, 32  # Hz, Hz, how many
_MARK_HERTZ, _MARK_LEVEL = 7_000.0, 0.01


@dataclass
class ScriptedVoices:
    """All engines of voices in one: stock voices are ``high`` (600 Hz) and ``low`` (300 Hz).

    A word takes 0.3 s. Separation takes *share* of everything for voice. The mark is a soft tone
    of 7 kHz.

    Attributes:
        share: of the recording that is voice.
        errors: raised one a call of `say`, before it works; ``None`` lets a call through.
        said: text, voice and speed of each call, in order.
        version: part of every fingerprint, so that a test can change it.
        cloning: whether there is a cloner.
    """

    share: float = 0.75
    errors: list[Exception | None] = field(default_factory=list)
    said: list[tuple[str, str, float]] = field(default_factory=list)
    version: str = "1"
    cloning: bool = False
    languages: frozenset[str] = frozenset({"en"})

    @property
    def fingerprint(self) -> str:
        """Names the script."""
        return f"scripted-voices/{self.version}"

    @property
    def voices(self) -> tuple[StockVoice, ...]:
        """``high`` and ``low``."""
        return tuple(_stock(name, hertz) for name, hertz in _HERTZ.items())

    @property
    def shortest(self) -> float:
        """Half a second."""
        return 0.5

    def separator(self, model: str = "auto") -> Separator:
        """This engine, whatever the model."""
        return self

    def synthesiser(self, model: str = "auto") -> Synthesiser:
        """This engine, whatever the model."""
        return self

    def cloner(self, model: str = "auto") -> Cloner | None:
        """This engine, if it is cloning."""
        return self if self.cloning else None

    def converter(self) -> Converter:
        """This engine."""
        return self

    def likeness(self) -> Likeness:
        """This engine."""
        return self

    def watermark(self) -> Watermark:
        """This engine."""
        return self

    def separate(self, blocks: Iterable[Block], sample_rate: int) -> Iterator[Block]:
        """Their share of each block."""
        for block in blocks:
            yield block * np.float32(self.share)

    def check(self, voice: str) -> None:
        """Only ``high`` and ``low`` are known, and mixes of them."""
        for part in voice.split("+"):
            if part.partition("*")[0] not in _HERTZ:
                raise NotFound("voice", voice, "there are high and low")

    def say(self, text: str, voice: str, language: str, speed: float = 1.0) -> Waveform:
        """A tone of the voice's pitch, 0.3 s a word."""
        self.check(voice)
        return self._said(text, voice, _HERTZ[voice.partition("*")[0]], language, speed)

    def say_like(
        self, text: str, reference: Waveform, language: str, speed: float = 1.0
    ) -> Waveform:
        """A tone of the reference's pitch, 0.3 s a word."""
        return self._said(text, "reference", _pitch(reference), language, speed)

    def convert(self, speech: Waveform, reference: Waveform) -> Waveform:
        """A tone as long as *speech*, with the reference's pitch."""
        made = tone(speech.duration, speech.sample_rate, _pitch(reference))
        return replace(speech, samples=made[: len(speech.samples)])

    def embed(self, speech: Waveform) -> NDArray[np.float64]:
        """One number for each pitch, the higher the nearer to the loudest."""
        return _timbre(_pitch(speech))

    def mark(self, speech: Waveform) -> Waveform:
        """With the soft tone."""
        mark = tone(speech.duration, speech.sample_rate, _MARK_HERTZ, _MARK_LEVEL)
        return replace(speech, samples=speech.samples + mark[: len(speech.samples)])

    def detect(self, speech: Waveform) -> float:
        """How strong the soft tone is."""
        time = np.arange(len(speech.samples)) / speech.sample_rate
        turning = np.exp(-2j * np.pi * _MARK_HERTZ * time)
        level = 2 * abs(np.mean(speech.samples * turning)) if len(time) else 0.0
        return float(min(1.0, level / _MARK_LEVEL))

    def _said(self, text: str, voice: str, hertz: float, language: str, speed: float) -> Waveform:
        check_language(language, self.languages)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.said.append((text, voice, speed))
        seconds = len(text.split()) * _WORD / speed
        return Waveform(tone(seconds, _SAMPLE_RATE, hertz), _SAMPLE_RATE)


_HERTZ = {"high": 600.0, "low": 300.0}


def _stock(name: str, hertz: float) -> StockVoice:
    timbre = tuple(float(each) for each in _timbre(hertz))
    return StockVoice(name=name, language="en", description=f"{hertz:.0f} Hz", timbre=timbre)


def _pitch(speech: Waveform) -> float:
    """The loudest frequency below 2 kHz, in Hz."""
    spectrum = np.abs(np.fft.rfft(speech.samples))
    hertz = np.fft.rfftfreq(len(speech.samples), 1 / speech.sample_rate)
    return float(hertz[np.argmax(spectrum[hertz < 2_000.0])])


def _timbre(hertz: float) -> NDArray[np.float64]:
    away = (hertz - _LOWEST) / _STEP - np.arange(_PITCHES)
    bump: NDArray[np.float64] = np.exp(-((away / 2.0) ** 2)).astype(np.float64)
    return bump / max(float(np.linalg.norm(bump)), 1e-9)
