"""Transcripts that several people edit at once, as JSON."""

from typing import Literal

from pydantic import Field

from trax.service.links import is_guest
from trax.store.revisions import Author
from trax.web.views.base import View


class PersonView(View):
    """Somebody."""

    id: str = Field(description="Empty for the command line.")
    name: str
    guest: bool = Field(False, description="Whether they came by a link: the name is as given.")

    @classmethod
    def of(cls, author: Author) -> "PersonView":
        """Somebody as they are kept."""
        return cls(id=author.id, name=author.name, guest=is_guest(author.id))


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
