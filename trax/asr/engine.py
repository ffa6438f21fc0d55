"""What a recognition engine provides, whichever it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trax.asr.plan import RecognitionOptions
from trax.audio import Audio, Waveform
from trax.progress import Progress
from trax.transcript import Recognition, Segment, Span, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How a model decodes audio.

    Attributes:
        language: the model's code for it.
        beam_size: hypotheses kept during beam search.
        batch_size: windows decoded at once; 0 lets the decoder choose.
        prompt: text given to the decoder as if it preceded the audio.
        hotwords: words the decoder should expect.
        choices: whether to look for other texts for doubtful words of windows.
    """

    language: str
    beam_size: int = 5
    batch_size: int = 0
    prompt: str = ""
    hotwords: str = ""
    choices: bool = False


@dataclass(frozen=True, slots=True)
class DecodedWord(Word):
    """A word whose ``confidence`` is the mean probability of its tokens, with more about them.

    Attributes:
        weakest: probability of the least probable token.
        log_probability: mean over the tokens, natural logarithm.
        choices: other texts for the word with their probabilities, the likeliest first.
    """

    weakest: float | None = field(default=None, kw_only=True)
    log_probability: float | None = field(default=None, kw_only=True)
    choices: tuple[tuple[str, float], ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What a model had no room for when it was told hotwords and prompt.

    Attributes:
        hotwords: how many, from the end of the list.
        characters: how many, from the beginning of the prompt.
    """

    hotwords: int = 0
    characters: int = 0


NOTHING_LEFT_OUT = LeftOut()


OnRead = Callable[[int, Sequence[Segment]], None]
"""Called with a window's number and what was read in it, as soon as it was."""


def nobody_reads_along(_window: int, _segments: Sequence[Segment]) -> None:
    """Tell nobody."""


class Decoder(Protocol):
    """One acoustic model that decodes speech; times count from the start of the audio given."""

    @property
    def name(self) -> str:
        """What people call the model."""

    @property
    def fingerprint(self) -> str:
        """Names model, revision, library version and arithmetic; known before the model loads."""

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages that the model covers; known before the model loads."""

    def decode(
        self,
        windows: Sequence[Waveform],
        options: Decoding,
        progress: Progress,
        on_read: OnRead = nobody_reads_along,
    ) -> list[tuple[Segment, ...]]:
        """Decode windows of mono 16 kHz speech of at most 30 s, each independently, in batches.

        Raises:
            ModelUnavailable: the model cannot be loaded.
            InvalidOption: the model does not cover the language.
            EngineError: decoding failed.
        """

    def decode_stretch(
        self,
        waveform: Waveform,
        options: Decoding,
        progress: Progress,
    ) -> tuple[Segment, ...]:
        """Decode minutes of audio, each part conditioned on the text before it.

        Raises the same errors as `decode`.
        """

    def align(self, window: Waveform, texts: Sequence[str], language: str) -> list[Span]:
        """Where each of *texts* is said in a window of at most 30 s, seconds from its start.

        Args:
            window: mono at 16 kHz.
            texts: all that is said in it, in order; a word that a space separates from the one
                before begins with one.

        Raises the same errors as `decode`.
        """

    def left_out(self, options: Decoding) -> LeftOut:
        """What the model has no room for when it decodes with *options*.

        Raises:
            ModelUnavailable: the model cannot be loaded.
        """

    def detect_languages(self, windows: Sequence[Waveform]) -> list[dict[str, float]]:
        """The probability of each language in each window, by code; each sums to 1."""


class Recogniser(Protocol):
    """Turns a recording's speech into timed words, in one or more passes."""

    @property
    def fingerprint(self) -> str:
        """Names everything but the options that decides the words; known before models load."""

    def recognise(
        self,
        audio: Audio,
        options: RecognitionOptions,
        progress: Progress,
    ) -> Recognition:
        """Recognise the words of mono 16 kHz audio of any length.

        Raises:
            ModelUnavailable: a model cannot be loaded.
            InvalidOption: no model of the plan covers the language.
            EngineError: a model failed while decoding.
        """


def portion(progress: Progress, first: float, last: float) -> Progress:
    """Progress through one part of the work, as progress from *first* to *last* of the whole."""

    def report(share: float) -> None:
        progress(first + share * (last - first))

    return report


def no_progress(_share: float) -> None:
    """Report nothing."""
