"""Links as JSON."""

from datetime import datetime
from typing import Literal

from pydantic import Field, SecretStr

from trax.service.links import Wanted
from trax.store import Link
from trax.web.views.base import Given, View

Permission = Literal["view", "comment", "edit"]


class Passage(Given):
    """A part of a recording."""

    start: float = Field(ge=0, description="Seconds.")
    end: float = Field(gt=0, description="Seconds.")


class NewLink(Given):
    """A link to make."""

    permission: Permission = "view"
    passage: Passage | None = Field(None, description="Only this part; null: everything.")
    days: float | None = Field(
        30.0, gt=0, le=36_500, description="After which it shows nothing; null: never."
    )
    password: SecretStr = Field(
        SecretStr(""), max_length=1000, description="Asked of whoever opens it; empty: none."
    )

    def wanted(self) -> Wanted:
        """What was meant."""
        passage = (self.passage.start, self.passage.end) if self.passage else None
        password = self.password.get_secret_value()
        return Wanted(
            permission=self.permission, passage=passage, days=self.days, password=password
        )


class LinkView(View):
    """A link; its secret is not known."""

    id: str
    transcript_id: str
    permission: str
    passage: Passage | None
    has_password: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, link: Link) -> "LinkView":
        """A link as JSON."""
        passage = None
        if link.start is not None and link.end is not None:
            passage = Passage(start=link.start, end=link.end)
        return cls(
            id=link.id,
            transcript_id=link.transcript_id,
            permission=link.permission,
            passage=passage,
            has_password=bool(link.password),
            created_at=link.created_at,
            expires_at=link.expires_at,
            revoked_at=link.revoked_at,
        )


class MadeLink(LinkView):
    """A link that was just made."""

    secret: str = Field(description="Opens it; it is shown once.")


class LinkList(View):
    """Links to a transcript, newest first."""

    items: list[LinkView]


class Opening(Given):
    """What a link is opened with."""

    link: SecretStr = Field(max_length=200, description="Its secret.")
    password: SecretStr = Field(SecretStr(""), max_length=1000)


class VisitView(View):
    """A link that was opened."""

    link: LinkView
    token: str = Field(description="To be sent as `Authorization: Bearer …` from now on.")
    expires_at: datetime
