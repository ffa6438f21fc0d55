"""Known voices as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field

from trax.web.views.base import Given, View
from trax.web.views.jobs import JobView


class VoiceView(View):
    """A known voice: what it sounds like in a few hundred numbers, never audio."""

    id: str
    name: str = Field(examples=["Anna Berg"])
    voice_model: str = Field(description="Made the numbers.")
    seconds: float = Field(description="Of speech that they were made from.")
    consent: str = Field(description="How the person agreed to be recognised.")
    created_at: datetime
    transcripts: int = Field(description="In which the voice is named.")


class VoiceExport(VoiceView):
    """Everything that is kept of a voice."""

    embedding: list[float]


class VoiceList(View):
    """Every known voice, by name."""

    items: list[VoiceView]


class NewVoice(Given):
    """A voice to be learned, or learned better."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Ben Ode",
                    "consent": "agreed by mail",
                    "transcript": "15f435e38097",
                    "speaker": "SPEAKER_01",
                },
                {"name": "Anna Berg", "consent": "signed form", "upload": "Zk3pT0wQ1uA"},
            ]
        },
    )

    name: str = Field(min_length=1, max_length=200)
    consent: str = Field(
        min_length=1, max_length=1000, description="How they agreed to be recognised; kept."
    )
    transcript: str | None = Field(None, description="One in which they speak.")
    speaker: str | None = Field(None, description="Their label there, number, or name.")
    upload: str | None = Field(None, description="Id of an upload in which they speak alone.")
    model: str = Field("auto", description="Diarization model, for an upload.")


class VoiceName(Given):
    """What a voice is called."""

    name: str = Field(min_length=1, max_length=200, examples=["Anna Berg"])


class OtherVoice(Given):
    """Another name of the same person."""

    other: str = Field(description="Goes; its voice is added to this one.", examples=["A. Berg"])


class Touched(View):
    """What is shown otherwise now."""

    transcripts: list[str] = Field(description="Ids.")
    jobs: list[str] = Field(
        [], description="Ids of voice replacements that speak in a voice that is forgotten now."
    )


class MadeList(View):
    """Voice replacements that speak in somebody's voice, newest first."""

    items: list[JobView]
    others: int = Field(
        description="How many more there are that are not yours to see.", examples=[0]
    )


class AppearanceView(View):
    """Somebody unknown in a transcript."""

    transcript: str = Field(description="Its id.")
    recording: str = Field(description="Name of its recording.")
    label: str = Field(description="Of the speaker there.")
    name: str = Field(description="That is shown for them there.")
    seconds: float = Field(description="Of speech.")
    start: float = Field(description="When their longest segment begins, in seconds.")
    end: float


class StrangerView(View):
    """A voice that nobody has named."""

    seconds: float = Field(description="Of speech, in all of them.")
    resembles: str = Field(description="The known voice that it sounds like; empty if none.")
    appearances: list[AppearanceView] = Field(description="The longest first.")


class StrangerList(View):
    """Unknown voices, by how much they say."""

    items: list[StrangerView]
