"""What is asked of a voice replacement."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trax.asr import RecognitionOptions
from trax.stages.options import TranscribeOptions

EVERYBODY = "all"
"""Stands for every speaker."""

ANONYMOUS = "anonymous"
"""Stands for a voice made up for each speaker of a recording."""

Personal = Literal["names", "numbers", "addresses", "emails"]
"""A kind of personal data that is found in text."""

_CHECKING = RecognitionOptions(plan="fast")


class Replacement(BaseModel):
    """A speaker, and the voice that says their words."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Replacement")

    speaker: str = Field(
        title="Speaker",
        description="Name or label, such as Speaker 2 or SPEAKER_01; all for everybody.",
        min_length=1,
    )
    voice: str = Field(
        "",
        title="Voice",
        description="A stock voice, such as af_heart; a mix of some, such as "
        "af_heart*0.6+am_adam*0.4; or anonymous for one that is made up.",
    )
    reference: str = Field(
        "",
        title="Reference",
        description="Where a recording of the voice lies, in place of a stock voice.",
    )
    consent: str = Field(
        "",
        title="Consent",
        description="How the person in the reference agreed to have their voice used.",
    )
    person: str = Field(
        "",
        title="Person",
        description="Whose voice the reference is: what was made with it is found by that name "
        "when they are forgotten.",
        max_length=200,
    )
    forgotten: bool = Field(
        False, title="Forgotten", description="Whether the voice was forgotten since."
    )

    @model_validator(mode="after")
    def _one_voice_with_consent(self) -> "Replacement":
        if self.forgotten:
            return self
        if bool(self.voice) == bool(self.reference):
            raise ValueError("give a voice or a reference, one of them")
        if self.reference and not self.consent.strip():
            raise ValueError("say how the person in the reference agreed to have their voice used")
        if self.consent.strip() and not self.reference:
            raise ValueError("a consent is for a reference; this voice is nobody's and needs none")
        if self.person.strip() and not self.reference:
            raise ValueError("a person is named for a reference; this voice is nobody's")
        return self


class RevoiceChoices(BaseModel):
    """Which voices are replaced, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Choices")

    replacements: tuple[Replacement, ...] = Field(
        (),
        title="Replacements",
        description="Whose words are said again, and in which voice.",
        max_length=50,
    )
    texts: dict[str, str] = Field(
        {},
        title="Texts",
        description="What is said instead of what was recognised, by utterance; one whose text is "
        "empty is left as it is.",
    )
    again: dict[str, int] = Field(
        {},
        title="Made again",
        description="How often an utterance was made again, by utterance: it is said in another "
        "way each time.",
    )
    redact: tuple[Personal, ...] = Field(
        (),
        title="Personal data that is not said",
        description="Plain words are said in its place, such as `somebody` for a name; what cannot "
        "be said again falls silent there. English alone.",
    )
    unspoken: Literal["original", "silence"] = Field(
        "original",
        title="What cannot be said",
        description="What becomes of words that are not replaced: `original` keeps them, "
        "`silence` leaves the background alone.",
    )
    checking: RecognitionOptions = Field(
        _CHECKING,
        title="Check",
        description="How what was synthesised is recognised again, to be compared with its text.",
    )

    @model_validator(mode="after")
    def _each_speaker_once(self) -> Self:
        speakers = [each.speaker.casefold() for each in self.replacements]
        if len(set(speakers)) < len(speakers):
            raise ValueError("a speaker is replaced once")
        return self


class RevoiceOptions(RevoiceChoices):
    """How a recording gets other voices."""

    model_config = ConfigDict(title="Options")

    transcription: TranscribeOptions = Field(
        TranscribeOptions(),
        title="Transcription",
        description="How the recording is transcribed first.",
    )
    transcript: str = Field(
        "",
        title="Transcript",
        description="Id of a transcript of the same recording whose words are said; by default "
        "that of the transcription, as people left it.",
    )
    version: int | None = Field(
        None, title="Version", description="Which version of that transcript; the newest if null."
    )
