"""Domain adapters as JSON: what they are worth, and not a word of what they learnt from."""

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from trax.adapters.card import AdapterCard
from trax.web.views.base import View

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
