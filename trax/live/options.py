"""What somebody asks of a live session."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from trax.asr.plan import RecognitionOptions

Encoding = Literal["s16", "f32", "mulaw", "alaw", "container"]
"""How sound comes: little-endian samples, G.711, or a container that says itself what is in it."""


class SoundFormat(BaseModel):
    """The format of the sound that comes."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Sound")

    encoding: Encoding = Field(
        "s16",
        title="Encoding",
        description="`s16` or `f32`: little-endian samples; `mulaw` or `alaw`; `container`: WebM, "
        "Ogg, FLAC, MP3 or any other that can be read from its beginning on.",
    )
    sample_rate: int = Field(
        16_000, title="Sample rate", description="Hz, of samples.", ge=8_000, le=192_000
    )
    channels: int = Field(1, title="Channels", description="Of samples.", ge=1, le=8)

    @property
    def frame_bytes(self) -> int:
        """Bytes that one moment takes; 1 where that is not known."""
        widths = {"s16": 2, "f32": 4, "mulaw": 1, "alaw": 1, "container": 1}
        many = 1 if self.encoding == "container" else self.channels
        return widths[self.encoding] * many

    @property
    def bytes_per_second(self) -> int:
        """Bytes that a second takes; 0 where that is not known."""
        return 0 if self.encoding == "container" else self.frame_bytes * self.sample_rate


class LiveOptions(BaseModel):
    """How captions are made while people speak, and what is done in the end."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Live captions")

    name: str = Field(
        "", title="Name", description="What the recording is to be called.", max_length=150
    )
    sound: SoundFormat = Field(default_factory=SoundFormat)
    language: str | None = Field(
        "en", title="Language", description="Code such as en or de; empty: the first one heard."
    )
    model: str = Field(
        "auto",
        title="Model",
        description="Model of the captions; a smaller one takes its place where it is too slow.",
        min_length=1,
    )
    hotwords: tuple[str, ...] = Field(
        (),
        title="Hotwords",
        description="Names and terms that are likely to be said.",
        max_length=500,
    )
    speakers: bool = Field(True, title="Speakers", description="Tell who speaks.")
    plan: Literal["fast", "balanced", "accurate"] = Field(
        "balanced",
        title="Plan",
        description="How the recording is read once more when it has ended.",
    )

    @field_validator("language")
    @classmethod
    def _language_is_a_models(cls, language: str | None) -> str | None:
        return RecognitionOptions(language=language).language

    @field_validator("hotwords")
    @classmethod
    def _hotwords_are_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        return RecognitionOptions(hotwords=words).hotwords
