"""What engines of voices provide, whichever they are.

All speech is mono: a `trax.audio.Waveform`, float32 in [-1, 1] at any sample rate; each engine
resamples what it needs. Engines load their models on first use and may be called from one thread
at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.errors import InvalidOption
from trax.transcript.languages import LANGUAGES

Block = NDArray[np.float32]
"""A stretch of a recording, float32 of shape ``(frames, channels)``."""


class Separator(Protocol):
    """Takes the voices out of a recording."""

    @property
    def fingerprint(self) -> str:
        """Names model, revision and arithmetic; known before the model loads."""

    def separate(self, blocks: Iterable[Block], sample_rate: int) -> Iterator[Block]:
        """The voices alone, as a stream: as many frames as came in, with the same channels.

        The blocks given follow each other and may have any lengths; those returned have lengths of
        their own. The background is the recording less the voices. Memory does not grow with the
        recording.

        Raises:
            ModelUnavailable: the model cannot be loaded.
            EngineError: it failed while working.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class StockVoice:
    """A voice that ships with a synthesiser.

    Attributes:
        name: what people choose it by.
        language: code of the language it was recorded in.
        description: for a list of voices, such as ``female, American``.
        timbre: its embedding by the packaged `Likeness`; empty if unknown.
        whispers: it is nobody's nearest, and part of no voice that is made up.
    """

    name: str
    language: str
    description: str
    timbre: tuple[float, ...] = ()
    whispers: bool = False


class Synthesiser(Protocol):
    """Says sentences in stock voices, and in mixes of them.

    A voice is given as a name, or as a mix: ``af_heart*0.6+am_adam*0.4``.
    """

    @property
    def fingerprint(self) -> str:
        """Names model, revision, voices and library version; known before the model loads."""

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages it speaks."""

    @property
    def voices(self) -> tuple[StockVoice, ...]:
        """The stock voices, sorted by name."""

    def check(self, voice: str) -> None:
        """Check that *voice* can be had, without loading the model.

        Raises:
            NotFound: there is no such voice.
            InvalidOption: the mix makes no sense.
        """

    def say(self, text: str, voice: str, language: str, speed: float = 1.0) -> Waveform:
        """Say *text*, of any length, with little silence before and after it.

        Args:
            text: as it would be read aloud; empty text gives an empty waveform.
            voice: a stock voice's name, or a mix.
            language: a code, such as ``en``.
            speed: 0.5 to 2; 1 is the voice's own.

        Raises:
            NotFound: there is no such voice.
            InvalidOption: the language is not spoken.
            ModelUnavailable: the model cannot be loaded.
            EngineError: it failed while working.
        """


class Cloner(Protocol):
    """Says sentences in the voice of a recording."""

    @property
    def fingerprint(self) -> str:
        """Names model, revision and library version; known before the model loads."""

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages it speaks."""

    def say_like(
        self, text: str, reference: Waveform, language: str, speed: float = 1.0
    ) -> Waveform:
        """Say *text* as whoever speaks in *reference*, which has seconds of one person's speech.

        Raises the same errors as `Synthesiser.say`.
        """


class Converter(Protocol):
    """Gives speech the timbre of another voice; words, rhythm and melody stay."""

    @property
    def fingerprint(self) -> str:
        """Names method and library version."""

    def convert(self, speech: Waveform, reference: Waveform) -> Waveform:
        """*speech* in the timbre of *reference*: the same sample rate and number of samples.

        Raises:
            InvalidOption: the reference has too little speech.
            MissingPart: a package is not installed.
            EngineError: it failed while working.
        """


class Likeness(Protocol):
    """Tells how much alike two voices are."""

    @property
    def fingerprint(self) -> str:
        """Names the embedding model and its revision; only its embeddings compare."""

    @property
    def shortest(self) -> float:
        """Seconds of speech below which an embedding says little."""

    def embed(self, speech: Waveform) -> NDArray[np.float64]:
        """A unit vector; the dot product of two is 1 for the same voice, near 0 for strangers.

        Raises:
            InvalidOption: there is less than a quarter second of audio.
            ModelUnavailable: the model cannot be loaded.
        """


class Watermark(Protocol):
    """Marks speech inaudibly as synthetic, and finds the mark again."""

    @property
    def fingerprint(self) -> str:
        """Names method and revision."""

    def mark(self, speech: Waveform) -> Waveform:
        """*speech* with the mark: the same sample rate and number of samples.

        Raises:
            MissingPart: the package is not installed.
        """

    def detect(self, speech: Waveform) -> float:
        """How sure it is that *speech* bears the mark, 0 to 1. Only speech tells: music
        alone may be taken for marked.

        Raises:
            MissingPart: the package is not installed.
        """


class Narrator(Protocol):
    """One voice, ready to say sentences: stock, mixed, or someone's by a reference recording."""

    @property
    def fingerprint(self) -> str:
        """Names engines and voice: equal fingerprints say the same sound for the same text."""

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages it speaks."""

    def say(self, text: str, language: str, speed: float = 1.0) -> Waveform:
        """Say *text*; raises the same errors as `Synthesiser.say`."""


class VoiceEngines(Protocol):
    """Gives engines by name, the same one for the same name, so that models stay loaded.

    ``auto`` takes the best that is available. All of them raise `ModelUnavailable` if the model is
    nowhere to be had, and `InvalidOption` for a name that is no such engine's.
    """

    def separator(self, model: str = "auto") -> Separator:
        """``htdemucs`` or ``spleeter``."""

    def synthesiser(self, model: str = "auto") -> Synthesiser:
        """``kokoro``."""

    def cloner(self, model: str = "auto") -> Cloner | None:
        """``chatterbox``; with ``auto``, ``None`` if it is not on this machine."""

    def converter(self) -> Converter:
        """The timbre transfer."""

    def likeness(self) -> Likeness:
        """The voice embedding that diarization uses."""

    def watermark(self) -> Watermark:
        """The mark of synthetic speech."""


def check_language(language: str, spoken: frozenset[str]) -> None:
    """Check that *language* is among those *spoken*.

    Raises:
        InvalidOption: it is not.

    >>> check_language("de", frozenset({"en"}))
    Traceback (most recent call last):
        ...
    trax.errors.InvalidOption: the voice speaks English, not German
    """
    if language not in spoken:
        wanted = LANGUAGES.get(language, language)
        known = ", ".join(sorted(LANGUAGES.get(code, code) for code in spoken))
        raise InvalidOption(f"the voice speaks {known}, not {wanted}")
