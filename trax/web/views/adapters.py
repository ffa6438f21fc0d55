"""Domain adapters as JSON: what they are worth, and not a word of what they learnt from."""

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from trax.adapters.card import AdapterCard
from trax.web.views.base import Given, View

_EXAMPLE: JsonDict = {
    "name": "ward-3",
    "base": "base",
    "version": 2,
    "fingerprint": "9f3a5c0d11e2",
    "description": "Spoken orders of a ward",
    "language": "en",
    "licence": "CC-BY-4.0",
    "seconds": 1484.0,
    "error_rate_before": 0.043,
    "error_rate": 0.005,
    "created_at": "2026-11-27T09:00:00Z",
}


class AdapterView(View):
    """An adapter that a job can be read with."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(description="For `recognition.adapter` of a job.", examples=["ward-3"])
    base: str = Field(description="The model that it is for.", examples=["base"])
    version: int
    fingerprint: str = Field(description="Of its weights.")
    description: str
    language: str
    licence: str
    seconds: float = Field(description="Of speech that it has learnt from.")
    error_rate_before: float | None = Field(
        description="Word error rate of the model without it, on speech that it has not learnt "
        "from; null if it was not judged."
    )
    error_rate: float | None = Field(description="And with it.")
    created_at: datetime

    @classmethod
    def of(cls, card: AdapterCard) -> Self:
        """What is shown of a card."""
        judged = card.judgement.domain if card.judgement else {}
        return cls(
            name=card.name,
            base=card.base,
            version=card.version,
            fingerprint=card.fingerprint,
            description=card.description,
            language=card.language,
            licence=card.licence,
            seconds=card.seconds,
            error_rate_before=judged["base"].rate if judged else None,
            error_rate=judged["adapter"].rate if judged else None,
            created_at=card.created_at,
        )


class AdapterList(View):
    """Every adapter, by name and model."""

    items: list[AdapterView] = Field(examples=[[_EXAMPLE]])


class CorrectedView(View):
    """A transcript that was corrected."""

    id: str
    name: str = Field(description="The recording's.")
    words: int = Field(description="Words that somebody corrected or confirmed.")
    lines: int = Field(description="Lines in which they are.")
    seconds: float = Field(description="Of those lines.")


class TermView(View):
    """Something that people wrote where something else was heard."""

    text: str
    count: int = Field(description="How often.")


class CorrectionsView(View):
    """What was corrected in somebody's transcripts."""

    transcripts: list[CorrectedView]
    words: int = Field(description="In all of them.")
    lines: int = Field(description="In all of them.")
    seconds: float = Field(description="Of speech, in all of them.")
    terms: list[TermView] = Field(
        description="Terms for a vocabulary (`recognition.hotwords`), the commonest first."
    )
    lines_needed: int = Field(description="Lines that an adapter needs, at least.")
    obstacle: str = Field(description="Why no adapter can be made here; empty if one can.")


class NewAdapter(Given):
    """An adapter to be made of corrections."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "ward-3", "transcripts": ["3f2a9c01aa10"]}]}
    )

    name: str = Field(description="What it is called.", max_length=48)
    transcripts: list[str] = Field(
        description="Ids of transcripts of one's own.", min_length=1, max_length=500
    )
    description: str = Field("", description="Of the domain, in a sentence.", max_length=500)
    folder: str | None = Field(
        None, description="Id of the folder in which it is shared; null: for oneself alone."
    )
