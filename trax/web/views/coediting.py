"""Transcripts that several people edit at once, as JSON."""

from typing import Literal

from pydantic import Field

from trax.web.views.base import View


class PersonView(View):
    """Whoever asks."""

    id: str
    name: str


class OpenedView(View):
    """A document that is shared."""

    document: str = Field(description="Its id.")
    base: int = Field(description="The version that it was last saved as or opened from.")
    parts: list[str] = Field(description="Rooms of its text, in order.")
    role: Literal["editor", "commenter", "viewer"]
    me: PersonView


class SavedView(View):
    """What saving came to."""

    version: int | None = Field(description="That the document is now.")
