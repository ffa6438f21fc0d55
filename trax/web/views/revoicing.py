"""Voices that are replaced, as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from trax.service.auditions import LONGEST
from trax.stages.replacement import Replacement, RevoiceChoices
from trax.voice.selection import Selection, Why
from trax.web.views.base import Given, View

_ASKED: JsonDict = {"replacements": [{"speaker": "SPEAKER_01", "voice": "af_heart"}]}


class StockVoiceView(View):
    """A voice that comes with the service."""

    name: str = Field(examples=["af_heart"])
    language: str = Field(description="Code of the language that it was recorded in.")
    description: str = Field(examples=["female, American"])


class StockVoiceList(View):
    """Voices to choose from, by name."""

    items: list[StockVoiceView] = Field(
        examples=[[{"name": "af_heart", "language": "en", "description": "female, American"}]]
    )
    languages: list[str] = Field(description="Codes of the languages that they speak.")
    clones: bool = Field(
        description="Whether a reference is cloned; otherwise the nearest stock voice is given its "
        "timbre."
    )


class NewRevoicing(RevoiceChoices):
    """Whose voices are replaced, and by which; a `reference` is the id of an upload."""

    model_config = ConfigDict(title="NewRevoicing", json_schema_extra={"examples": [_ASKED]})

    version: int | None = Field(
        None, ge=1, title="Version", description="Of the transcript; the newest if null."
    )


class UtteranceView(View):
    """Words that are said again together."""

    id: str
    speaker: str = Field(description="Label.")
    start: float = Field(description="Seconds.")
    end: float = Field(description="Seconds.")
    text: str = Field(description="What is said.")


class LeftView(View):
    """Words that stay as they are."""

    id: str
    speaker: str = Field(description="Label.")
    start: float = Field(description="Seconds.")
    end: float = Field(description="Seconds.")
    text: str
    why: Why = Field(
        description="`overlap`: somebody else speaks as well; `short`: too little to be said "
        "well; `chosen`: somebody chose so."
    )
    personal: bool = Field(
        description="Whether something personal was taken out of the text: the place is silent."
    )


class SelectionView(View):
    """What would be said again, and what would stay as it is."""

    language: str = Field(examples=["en"])
    names: dict[str, str] = Field(
        description="Of the speakers, by label.", examples=[{"SPEAKER_01": "Ben Ode"}]
    )
    utterances: list[UtteranceView]
    left: list[LeftView]

    @classmethod
    def of(cls, selection: Selection) -> "SelectionView":
        """The view of *selection*."""
        return cls(
            language=selection.language,
            names=selection.names,
            utterances=[
                UtteranceView(
                    id=each.id,
                    speaker=each.speaker,
                    start=each.span.start,
                    end=each.span.end,
                    text=each.text,
                )
                for each in selection.utterances
            ],
            left=[LeftView.model_validate(each) for each in selection.left],
        )


class Audition(Given):
    """A sentence to try a voice on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "replacement": {"speaker": "SPEAKER_01", "voice": "af_heart"},
                    "text": "It is a pleasure to be here again.",
                }
            ]
        }
    )

    replacement: Replacement
    text: str = Field(min_length=1, max_length=LONGEST)


class SaidOtherwise(Given):
    """Utterances that are to be said otherwise, by their ids."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"again": ["5879cee51aca"], "texts": {}}]}
    )

    texts: dict[str, str] = Field(
        {}, description="What is to be said; an empty text leaves the original."
    )
    again: list[str] = Field([], max_length=10_000, description="Said in another way.")


class AcceptedView(View):
    """An utterance whose new speech somebody has heard and accepted."""

    utterance: str
    by: str = Field(description="Their name.", examples=["Anna Berg"])
    at: datetime


class AcceptedList(View):
    """What was accepted of a job's new speech; it stays so in jobs that say the same."""

    items: list[AcceptedView] = Field(
        examples=[[{"utterance": "5879cee51aca", "by": "Anna Berg", "at": "2026-11-26T20:00:00Z"}]]
    )
