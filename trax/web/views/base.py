"""What all bodies have in common: those that are sent, and those that are answered."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class View(BaseModel):
    """Base of everything that is answered; `model_validate` takes what the stores give."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Given(BaseModel):
    """Base of everything that is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _apart(words: str | list[str]) -> list[str]:
    return words.split() if isinstance(words, str) else words


Words = Annotated[list[str], BeforeValidator(_apart)]
"""A list that the stores keep as one text."""


class Health(View):
    """How the service is."""

    status: str = Field(examples=["ok"])
    version: str = Field(description="Of Trax.")
