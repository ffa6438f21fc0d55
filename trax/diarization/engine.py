"""What a diarization engine must do, whichever it is."""

from collections.abc import Callable
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trax.audio import Waveform
from trax.diarization.plans import PlanName
from trax.transcript import Diarization

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1. What it raises stops the work."""


class DiarizationOptions(BaseModel):
    """How speakers are told apart. Left empty, their number is found."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Diarization")

    model: str = Field(
        "auto",
        title="Model",
        description="A name that `trax models` lists, or a folder with a pyannote pipeline. "
        "`auto` takes "
        ""
        "pyannote's own pipeline when a Hugging Face token is set, and the packaged one otherwise.",
        min_length=1,
    )
    plan: PlanName = Field(
        "accurate",
        title="Plan",
        description="`accurate`, or `fast`, a quarter cheaper. Only the packaged engine has plans.",
    )
    speakers: int | None = Field(
        None,
        title="Speakers",
        description="How many people speak, where that is known.",
        ge=1,
        le=50,
    )
    min_speakers: int | None = Field(
        None, title="At least", description="The fewest people that speak.", ge=1, le=50
    )
    max_speakers: int | None = Field(
        None, title="At most", description="The most people that speak.", ge=1, le=50
    )

    split_channels: bool = Field(
        True,
        title="One speaker a channel",
        description="Where every channel of a recording is one person's microphone, tell people "
        "apart by "
        "channel.",
    )
    names: tuple[str, ...] = Field(
        (),
        title="Names",
        description="Who speaks in each channel, where every channel is one person's.",
    )

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.speakers is not None and (self.min_speakers or self.max_speakers):
            raise ValueError("give the number of speakers or its bounds, not both")
        if self.min_speakers and self.max_speakers and self.min_speakers > self.max_speakers:
            raise ValueError("at least must not exceed at most")
        return self

    @property
    def bounds(self) -> tuple[int, int]:
        """The fewest and the most people that may be found."""
        return self.speakers or self.min_speakers or 1, self.speakers or self.max_speakers or 10_000


class DiarizationSession(Protocol):
    """One recording, heard chunk by chunk: a file read in stretches, or a microphone."""

    def hear(self, chunk: Waveform, progress: Progress) -> None:
        """Listen to the audio that follows what was heard before: mono, 16 kHz, any length.

        Raises:
            ModelUnavailable: the models cannot be loaded.
            EngineError: they failed while working.
        """

    def told(self, progress: Progress) -> Diarization:
        """Who spoke in all that was heard so far; times count from the first chunk's start.

        What was not looked at while it was heard is looked at now.

        It may be asked at any time, and more may be heard afterwards; a later answer may correct an
        earlier one. Turns lie inside the audio and are longer than nothing, exclusive ones never
        overlap, and labels are ``SPEAKER_00``, ``SPEAKER_01``… by first appearance.

        Raises:
            EngineError: the models failed while working.
        """


class Diarizer(Protocol):
    """Tells speakers apart."""

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known without loading the models."""

    @property
    def voice_model(self) -> str:
        """Names the model of the voice embeddings and its revision; only embeddings of one model
        compare.
        """

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """Start on a recording."""
