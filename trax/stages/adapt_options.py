"""What a person may choose for one adapter."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from trax.adapters.card import checked_name
from trax.adapters.gate import GateOptions
from trax.adapters.recipe import Recipe
from trax.errors import InvalidOption


class AdaptOptions(BaseModel):
    """How recordings with their text become an adapter."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Options")

    name: str = Field(title="Name", description="What the adapter is called.")
    sources: tuple[str, ...] = Field(
        title="Sources",
        description="Folders with recordings and their text, lists of them, or transcripts that "
        "people corrected, as transcript:ID; corrections:FOLDER takes all those of recordings in a "
        "folder that consents.",
        min_length=1,
    )
    general: tuple[str, ...] = Field(
        (),
        title="General speech",
        description="Folders or lists of other speech with its text, against forgetting.",
    )
    without: tuple[str, ...] = Field(
        (),
        title="Without",
        description="SHA-256 of recordings that are not learnt from, wherever they are found.",
    )
    base: str = Field(
        "auto",
        title="Base",
        description="The recognition model that learns. `auto` takes the larger one of the "
        "balanced plan.",
        min_length=1,
    )
    language: str = Field(
        "en", title="Language", description="Of recordings that do not say theirs.", min_length=2
    )
    description: str = Field(
        "", title="Description", description="Of the domain, in a sentence.", max_length=500
    )
    licence: str = Field(
        "",
        title="Licence",
        description="Under which the adapter may be passed on.",
        max_length=200,
    )
    recipe: Recipe = Field(Recipe(), title="Recipe", description="How it is trained.")
    gate: GateOptions = Field(
        GateOptions(), title="Gate", description="What it must be worth to be installed."
    )
    curve: bool = Field(
        True,
        title="Learning curve",
        description="Whether to find out, if no gain is certain, what less data would have "
        "brought; that takes as long as the training.",
    )

    @field_validator("name")
    @classmethod
    def _name_is_allowed(cls, name: str) -> str:
        try:
            return checked_name(name)
        except InvalidOption as error:
            raise ValueError(str(error)) from error
