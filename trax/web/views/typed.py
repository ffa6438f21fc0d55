"""Words that somebody types, and when they were said, as JSON."""

from pydantic import ConfigDict, Field

from trax.web.views.base import Given, View


class Typed(Given):
    """Words that somebody typed into a transcript, whose times are asked for."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"text": "very much", "after": "5f6313192cb8"}}
    )

    text: str = Field(min_length=1, max_length=2000, description="Words with spaces between them.")
    after: str = Field("", description="Id of the word before them; or `before` is given.")
    before: str = Field("", description="Id of the word after them.")


class TypedWord(View):
    """When a typed word was said."""

    text: str
    start: float = Field(description="Seconds.")
    end: float


class TypedView(View):
    """When typed words were said."""

    version: int = Field(description="Of the transcript that they were put into.", examples=[3])
    heard: bool = Field(
        description="Whether the sound says so; otherwise they share the time by their letters."
    )
    items: list[TypedWord]
