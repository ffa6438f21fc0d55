"""Folders and groups as JSON."""

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from trax.store import Grant, Role
from trax.web.views.base import Given, View


class NewFolder(Given):
    """A folder to make, or a name for it."""

    name: str = Field(max_length=1000)


class GrantView(Given):
    """What a user or a group may do with what is in a folder."""

    user: str | None = Field(None, description="Name of a user.")
    group: str | None = Field(None, description="Or of a group.")
    role: Literal["viewer", "editor"]

    @model_validator(mode="after")
    def _one(self) -> "GrantView":
        """A grant is to one of both."""
        if (self.user is None) == (self.group is None):
            raise ValueError("name either a user or a group")
        return self

    @classmethod
    def of(cls, grant: Grant) -> "GrantView":
        """A grant as JSON."""
        role: Literal["viewer", "editor"] = "editor" if grant.role == "editor" else "viewer"
        if grant.kind == "user":
            return cls(user=grant.name, role=role)
        return cls(group=grant.name, role=role)

    def grant(self) -> Grant:
        """What was meant."""
        if self.user is not None:
            return Grant("user", self.user, self.role)
        return Grant("group", self.group or "", self.role)


class Sharing(Given):
    """Whom a folder is shared with: these, and nobody else."""

    grants: list[GrantView] = Field(max_length=1000)


class FolderView(View):
    """A folder as whoever asks sees it."""

    id: str
    name: str
    created_at: datetime
    role: Role = Field(description="What you may do with what is in it.")
    grants: list[GrantView] = Field(description="Whom it is shared with; for its owner alone.")


class FolderList(View):
    """Folders that are seen, by name."""

    items: list[FolderView]


class Placed(Given):
    """The folder in which a transcript is to be."""

    folder: str | None = Field(description="Its id; null: in none.")


class NewOwner(Given):
    """Whose a transcript is to be."""

    user: str = Field(description="Name or id.")


class AccessView(View):
    """What whoever asks may do with a transcript."""

    role: Role


class Members(Given):
    """The users of a group, by name."""

    members: list[str] = Field(max_length=10_000)


class GroupView(View):
    """Users who are given something together."""

    name: str
    members: list[str]


class GroupList(View):
    """Every group, by name."""

    items: list[GroupView]
