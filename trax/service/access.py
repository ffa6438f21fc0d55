"""Who asks, and what they may do."""

import hmac
from dataclasses import dataclass
from typing import Literal, get_args

from trax.errors import AccessDenied, Unidentified

Scope = Literal["read", "write", "jobs", "voices", "admin"]
"""Something that one may be allowed: to read transcripts, to change them, to have recordings
transcribed, to manage known voices, to manage the service.
"""

SCOPES: frozenset[Scope] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever asks.

    Attributes:
        id: what their uploads and keys are kept under.
        scopes: what they may do.
    """

    id: str
    scopes: frozenset[Scope]

    def check(self, scope: Scope) -> None:
        """Refuse what they may not do.

        Raises:
            AccessDenied: *scope* is not among what they may do.
        """
        if scope not in self.scopes and "admin" not in self.scopes:
            raise AccessDenied(f"this needs a token with the scope {scope}")


ANYBODY = Caller(id="local", scopes=SCOPES)
"""Whoever can reach a service that is open to this machine alone."""


class Access:
    """Tells who asks.

    Args:
        token: allows everything.
        is_open: whether those without a token may do everything, too.
    """

    def __init__(self, token: str = "", *, is_open: bool = False) -> None:
        self._token = token
        self.is_open = is_open

    def caller(self, token: str) -> Caller:
        """Whoever has *token*, which is empty if they have none.

        Raises:
            Unidentified: a token is needed, or nobody has this one.
        """
        if not token:
            if self.is_open:
                return ANYBODY
            raise Unidentified("this service needs a token")
        if self._token and hmac.compare_digest(token.encode(), self._token.encode()):
            return Caller(id="service", scopes=SCOPES)
        raise Unidentified("the token is unknown, expired or revoked")
