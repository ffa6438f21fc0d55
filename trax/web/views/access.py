"""Tokens and callers as JSON."""

from datetime import datetime

from pydantic import ConfigDict, Field

from trax.service.access import Caller, Kind, Scope
from trax.web.views.base import Given, View, Words


class CallerView(View):
    """Whoever asks."""

    id: str
    name: str
    scopes: list[str]
    kind: Kind = Field(
        description="A `user` who has signed in, a `token`, the `service`'s own token, or whoever "
        "is on this machine (`local`)."
    )

    @classmethod
    def of(cls, caller: Caller) -> "CallerView":
        """A caller as JSON."""
        scopes = sorted(caller.scopes)
        return cls(id=caller.id, name=caller.name, scopes=scopes, kind=caller.kind)


class TokenRequest(Given):
    """A token to make."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "newsroom", "scopes": ["read", "jobs"], "days": 90}]
        },
    )

    name: str = Field(description="What it is for, or whose it is.")
    scopes: list[Scope] = Field(description="What it allows; `admin` allows everything.")
    days: float | None = Field(None, gt=0, description="After which it expires; null: never.")
    user: str | None = Field(
        None,
        description="Name of the user for whom it acts; null: it has things of its own. For "
        "administrators; at `/v1/me/tokens` that is you.",
    )


class TokenView(View):
    """What is known of a token."""

    id: str
    name: str
    scopes: Words
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="When it was used last, to about a minute.")


class NewTokenView(TokenView):
    """A token that was just made."""

    secret: str = Field(description="The token itself; it is shown once.")


class TokenList(View):
    """Every token, newest first."""

    items: list[TokenView]
