"""What a person may choose for one job."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator

from trax.asr import RecognitionOptions
from trax.diarization import DiarizationOptions
from trax.enhance import EnhancementOptions
from trax.errors import NotFound
from trax.export import FORMATS, known_formats

FormatName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(FORMATS)})]
"""Name of an export format, to choose from in a form."""

DEFAULT_FORMATS = ("txt", "md", "json", "srt", "vtt")


class TranscribeOptions(BaseModel):
    """How a recording becomes a transcript."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Options")

    recognition: RecognitionOptions = Field(
        RecognitionOptions(), title="Recognition", description="How speech is turned into words."
    )
    diarization: DiarizationOptions = Field(
        DiarizationOptions(), title="Diarization", description="How speakers are told apart."
    )
    enhancement: EnhancementOptions = Field(
        EnhancementOptions(),
        title="Enhancement",
        description="What a language model is asked to do, where one is configured.",
    )
    formats: tuple[FormatName, ...] = Field(
        DEFAULT_FORMATS,
        title="Formats",
        description=f"What to write besides the transcript itself: {', '.join(FORMATS)}.",
        max_length=len(FORMATS),
    )

    @field_validator("formats")
    @classmethod
    def _formats_are_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return known_formats(names)
        except NotFound as error:
            raise ValueError(str(error)) from error
