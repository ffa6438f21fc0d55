"""Speakers of transcripts, as JSON."""

from pydantic import ConfigDict, Field

from trax.transcript import KnownVoice, Transcript
from trax.web.views.base import Given, View


class SpeakerView(View):
    """Somebody who speaks."""

    label: str
    name: str | None = Field(description="Given by people; null if nobody did.")
    shown: str = Field(description="What to call them: name, known voice, or a number.")
    voice: KnownVoice | None = Field(description="Whose voice it is; null if it is not known.")
    speech: float = Field(description="Seconds.")
    words: int
    confidence: float | None = Field(description="That words of theirs are theirs, on average.")


class SpeakerList(View):
    """Whoever speaks, in order of first appearance."""

    version: int
    items: list[SpeakerView]

    @classmethod
    def of(cls, transcript: Transcript, version: int) -> "SpeakerList":
        """The view of *transcript*."""
        views = []
        for speaker in transcript.speakers:
            words = [word for word in transcript.words if word.speaker == speaker.label]
            known = [w.speaker_confidence for w in words if w.speaker_confidence is not None]
            views.append(
                SpeakerView(
                    label=speaker.label,
                    name=speaker.name,
                    shown=transcript.display_name(speaker.label),
                    voice=speaker.voice,
                    speech=speaker.speech,
                    words=len(words),
                    confidence=round(sum(known) / len(known), 4) if known else None,
                )
            )
        return cls(version=version, items=views)


class SpeakerName(Given):
    """What a speaker is called."""

    name: str | None = Field(
        max_length=200, description="Null takes the name away.", examples=["Anna Berg"]
    )


class MergedInto(Given):
    """Whom a speaker is merged into."""

    into: str = Field(description="Label of a speaker.", examples=["SPEAKER_00"])


class SuggestionView(View):
    """A turn that sounds like somebody else's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "w000123",
                    "start": 61.2,
                    "end": 63.8,
                    "words": ["w000123", "w000124"],
                    "text": "Quite so.",
                    "current": "SPEAKER_00",
                    "speaker": "SPEAKER_01",
                    "margin": 0.21,
                }
            ]
        },
    )

    id: str = Field(description="Of its first word.")
    start: float
    end: float
    words: list[str] = Field(description="Ids.")
    text: str
    current: str | None = Field(description="Label of whoever has it.")
    speaker: str = Field(description="Label of whoever it sounds like.")
    margin: float = Field(description="Cosine by which it is more like them than like others.")


class SuggestionList(View):
    """Turns that sound like somebody to whom people gave others, in order of time."""

    version: int = Field(examples=[3])
    items: list[SuggestionView]


class SpeakerCount(Given):
    """How many people speak."""

    speakers: int | None = Field(
        ge=1, le=50, description="Null: as many as are heard.", examples=[3]
    )


class ChosenSuggestions(Given):
    """Which suggestions."""

    ids: list[str] = Field(
        [], max_length=10_000, description="Of suggestions; none is all of them."
    )
    speaker: str | None = Field(
        None, description="Only what sounds like the speaker labelled so.", examples=["SPEAKER_01"]
    )
