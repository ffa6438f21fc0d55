"""What a diarization engine provides, whichever it is."""

from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trax.audio import Waveform
from trax.diarization.plans import PlanName
from trax.progress import Progress
from trax.transcript import Diarization

_MOST_SPEAKERS = 10_000  # no bound at all


class DiarizationOptions(BaseModel):
    """How speakers are told apart. Their number is estimated unless it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Diarization")

    model: str = Field(
        "auto",
        title="Model",
        description="A model of the catalogue, or a folder with a pyannote pipeline. `auto` takes "
        "pyannote's own pipeline if a Hugging Face token is set, and the packaged one otherwise.",
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
        description="The number of speakers, if known.",
        ge=1,
        le=50,
    )
    min_speakers: int | None = Field(
        None,
        title="At least",
        description="The smallest possible number of speakers.",
        ge=1,
        le=50,
    )
    max_speakers: int | None = Field(
        None,
        title="At most",
        description="The largest possible number of speakers.",
        ge=1,
        le=50,
    )

    split_channels: bool = Field(
        True,
        title="One speaker a channel",
        description="If every channel of a recording is one person's microphone, tell speakers "
        "apart by channel.",
    )
    names: tuple[str, ...] = Field(
        (),
        title="Names",
        description="Who speaks in each channel, if every channel is one person's.",
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
        """The smallest and the largest number of speakers that may be found."""
        fewest = self.speakers or self.min_speakers or 1
        most = self.speakers or self.max_speakers or _MOST_SPEAKERS
        return fewest, most


class DiarizationSession(Protocol):
    """Diarization of one recording that arrives chunk by chunk, from a file or a microphone."""

    def feed(self, chunk: Waveform, progress: Progress) -> None:
        """Take the audio that follows what was fed before: mono, 16 kHz, any length.

        Raises:
            ModelUnavailable: the models cannot be loaded.
            EngineError: they failed while working.
        """

    def result(self, progress: Progress) -> Diarization:
        """Who spoke in all audio fed so far; times count from the first chunk's start.

        May be called at any time, and more may be fed afterwards; a later result may correct an
        earlier one. Turns lie inside the audio and have a positive duration, exclusive turns never
        overlap, and labels are ``SPEAKER_00``, ``SPEAKER_01``… by first appearance.

        Raises:
            EngineError: the models failed while working.
        """

    def forget(self, before: float) -> None:
        """Let go of what was heard before a time; later results may leave it out.

        A result then costs what the time since does, however long ago the session began. Times
        count from the first chunk's start all the same.
        """


class Diarizer(Protocol):
    """Tells speakers apart."""

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known before the models load."""

    @property
    def voice_model(self) -> str:
        """Names the voice embedding model and its revision; only its embeddings compare."""

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """Start on a recording."""
