"""What a recognition engine must do, whichever it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from trax.asr.plan import RecognitionOptions
from trax.audio import StoredAudio, Waveform
from trax.transcript import Recognition, Segment

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1. What it raises stops the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How one model is to read some windows.

    Attributes:
        language: ISO 639-1 code.
        beam_size: hypotheses kept.
        batch_size: windows decoded at once; 0 leaves it to the decoder.
        prompt: text that the decoder takes to have come before.
        hotwords: words that it should expect.
    """

    language: str
    beam_size: int = 5
    batch_size: int = 0
    prompt: str = ""
    hotwords: str = ""


class Decoder(Protocol):
    """One model. It reads windows of speech; times count from each window's start."""

    @property
    def fingerprint(self) -> str:
        """Names model, revision, library version and arithmetic; known without loading the
        model.
        """

    @property
    def multilingual(self) -> bool:
        """Whether it knows more than English; known without loading the model."""

    def read(
        self, windows: Sequence[Waveform], options: Decoding, progress: Progress
    ) -> list[tuple[Segment, ...]]:
        """The words of each window of mono 16 kHz speech, at most 30 s long; every window on its
        own, in batches.

        Raises:
            ModelUnavailable: the model cannot be loaded.
            InvalidOption: it does not know the language.
            EngineError: it failed while working.
        """

    def read_on(
        self, waveform: Waveform, options: Decoding, progress: Progress
    ) -> tuple[Segment, ...]:
        """The words of one long stretch, each part with the text before it as context; raises as
        `read` does.
        """

    def languages(self, windows: Sequence[Waveform]) -> list[dict[str, float]]:
        """How likely each window is in each language: ISO 639-1 codes with probabilities that sum
        to 1.
        """


class Recogniser(Protocol):
    """Turns a recording's speech into timed words, in as many passes as it takes."""

    @property
    def fingerprint(self) -> str:
        """Names all that decides the words besides the options; known without loading a model."""

    def recognise(
        self, audio: StoredAudio, options: RecognitionOptions, progress: Progress
    ) -> Recognition:
        """The words of mono 16 kHz audio of any length.

        Raises:
            ModelUnavailable: a model cannot be loaded.
            InvalidOption: no model of the plan knows the language.
            EngineError: a model failed while working.
        """
