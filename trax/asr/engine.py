"""What a recognition engine must do, whichever it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from trax.audio import Waveform
from trax.transcript import Segment

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1. What it raises stops the work."""


class RecognitionOptions(BaseModel):
    """How speech is turned into words."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Recognition")

    model: str = Field(
        "auto",
        title="Model",
        description="A name that `trax models` lists, or a folder with a CTranslate2 Whisper model. "
        "`auto` takes the best that is at hand for the device.",
        min_length=1,
    )
    language: str | None = Field(
        None,
        title="Language",
        description="ISO 639-1 code such as en or de. Left empty, it is detected from the first speech.",
        pattern="^[a-z]{2,3}$",
    )
    beam_size: int = Field(
        5,
        title="Beam size",
        description="Hypotheses kept while decoding. 1 is fastest; 5 makes slightly fewer mistakes.",
        ge=1,
        le=20,
    )


@dataclass(frozen=True, slots=True)
class RecognisedWindow:
    """What one window of audio says; times count from the window's start.

    Attributes:
        language: ISO 639-1 code; empty where nobody speaks.
        language_confidence: probability in [0, 1].
    """

    language: str
    language_confidence: float
    segments: tuple[Segment, ...]


class Recogniser(Protocol):
    """Turns speech into timed words."""

    @property
    def fingerprint(self) -> str:
        """Names model, revision, library version and arithmetic; known without loading the model."""

    def recognise(self, waveform: Waveform, options: RecognitionOptions, progress: Progress) -> RecognisedWindow:
        """The words of one window of mono 16 kHz audio.

        Raises:
            ModelUnavailable: the model cannot be loaded.
            EngineError: it failed while working.
        """
