"""What a diarization engine must do, whichever it is."""

from collections.abc import Callable
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trax.audio import Waveform
from trax.transcript import Diarization

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1. What it raises stops the work."""


class DiarizationOptions(BaseModel):
    """How speakers are told apart. Left empty, their number is found."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Diarization")

    model: str = Field(
        "auto",
        title="Model",
        description="A name that `trax models` lists, or a folder with a pyannote pipeline. `auto` takes "
        "pyannote's own pipeline when a Hugging Face token is set, and the packaged one otherwise.",
        min_length=1,
    )
    speakers: int | None = Field(
        None, title="Speakers", description="How many people speak, where that is known.", ge=1, le=50
    )
    min_speakers: int | None = Field(None, title="At least", description="The fewest people that speak.", ge=1, le=50)
    max_speakers: int | None = Field(None, title="At most", description="The most people that speak.", ge=1, le=50)

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.speakers is not None and (self.min_speakers or self.max_speakers):
            raise ValueError("give the number of speakers or its bounds, not both")
        if self.min_speakers and self.max_speakers and self.min_speakers > self.max_speakers:
            raise ValueError("at least must not exceed at most")
        return self


class Diarizer(Protocol):
    """Tells speakers apart."""

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known without loading the models."""

    def diarize(self, waveform: Waveform, options: DiarizationOptions, progress: Progress) -> Diarization:
        """The turns of one window of mono 16 kHz audio; times count from the window's start.

        Labels are ``SPEAKER_00``, ``SPEAKER_01``… by first appearance in the window.

        Raises:
            ModelUnavailable: the models cannot be loaded.
            EngineError: they failed while working.
        """
