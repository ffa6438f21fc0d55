"""Tags as JSON."""

from pydantic import Field

from trax.service.tags import LONGEST
from trax.web.views.base import Given, View


class Tags(Given):
    """The tags of a transcript."""

    tags: list[str] = Field(
        max_length=1000,
        description=f"Each of at most {LONGEST} characters; capitals do not matter.",
        examples=[["budget", "board"]],
    )


class TagCount(View):
    """A tag."""

    name: str
    count: int = Field(description="Transcripts that have it.")


class TagList(View):
    """Tags, by name."""

    items: list[TagCount] = Field(examples=[[{"name": "budget", "count": 3}]])
