"""What all answers have in common, and the smallest of them."""

from pydantic import BaseModel, ConfigDict, Field


class View(BaseModel):
    """Base of everything that is answered; `model_validate` takes what the stores give."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Health(View):
    """How the service is."""

    status: str = Field(examples=["ok"])
    version: str = Field(description="Of Trax.")
