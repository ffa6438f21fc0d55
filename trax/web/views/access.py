"""Tokens and callers as JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from trax.service.access import Scope
from trax.store import Token
from trax.web.views.base import View


class CallerView(View):
    """Whoever asks."""

    id: str
    name: str
    scopes: list[str]


class TokenRequest(BaseModel):
    """A token to make."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "newsroom", "scopes": ["read", "jobs"], "days": 90}]
        },
    )

    name: str = Field(description="What it is for, or whose it is.")
    scopes: list[Scope] = Field(description="What it allows; `admin` allows everything.")
    days: float | None = Field(None, gt=0, description="After which it expires; null: never.")


class TokenView(View):
    """What is known of a token."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None = Field(description="When it was used last, to about a minute.")

    @classmethod
    def of(cls, token: Token) -> "TokenView":
        """The view of *token*."""
        return cls(
            id=token.id,
            name=token.name,
            scopes=token.scopes.split(),
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            used_at=token.used_at,
        )


class NewTokenView(TokenView):
    """A token that was just made."""

    secret: str = Field(description="The token itself; it is shown once.")


class TokenList(View):
    """Every token, newest first."""

    items: list[TokenView]
