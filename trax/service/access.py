"""Who asks, and what they may do."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from trax.errors import AccessDenied, Unidentified

Scope = Literal["read", "write", "jobs", "voices", "admin"]
"""Something that one may be allowed: to read transcripts, to change them, to have recordings
transcribed, to manage known voices, to manage the service, which is to be allowed everything.
"""

SCOPES: frozenset[Scope] = frozenset(get_args(Scope))

REMEMBERED = 0.8
"""Seconds for which a token counts as it was when it was looked up: a revoked one no longer."""

_MOST = 1000  # tokens that are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever asks.

    Attributes:
        id: what their uploads and keys are kept under.
        name: for people.
        scopes: what they may do.
    """

    id: str
    name: str
    scopes: frozenset[str]

    def check(self, scope: Scope) -> None:
        """Refuse what they may not do.

        Raises:
            AccessDenied: *scope* is not among what they may do.
        """
        if scope not in self.scopes and "admin" not in self.scopes:
            raise AccessDenied(f"this needs a token with the scope {scope}")


ANYBODY = Caller(id="local", name="anybody on this machine", scopes=SCOPES)
"""Whoever can reach a service that is open to this machine alone."""

OWNER = Caller(id="service", name="the service's own token", scopes=SCOPES)
"""Whoever has the token that the settings name."""

Find = Callable[[str], Caller | None]
"""Finds whose a token is; ``None`` if it is nobody's, or no longer valid."""


def nobody(_token: str) -> Caller | None:
    """There are no tokens but the settings'."""
    return None


class Access:
    """Tells who asks.

    Args:
        token: allows everything; empty if there is none such.
        is_open: whether those without a known token may do everything, too: clients of other
            services send one that means nothing here.
        find: looks other tokens up.
    """

    def __init__(self, token: str = "", *, is_open: bool = False, find: Find = nobody) -> None:
        self._token = token
        self._find = find
        self._found: dict[str, tuple[float, Caller | None]] = {}
        self.is_open = is_open

    def remembered(self, token: str) -> Caller | None:
        """Whoever has *token*, if that is known without looking it up."""
        if not token:
            return ANYBODY if self.is_open else None
        if self._token and hmac.compare_digest(token.encode(), self._token.encode()):
            return OWNER
        looked_up_at, caller = self._found.get(token, (-REMEMBERED, None))
        return caller if time.monotonic() - looked_up_at < REMEMBERED else None

    def caller(self, token: str) -> Caller:
        """Whoever has *token*, which is empty if they have none.

        Raises:
            Unidentified: a token is needed, or nobody has this one.
            StoreError: tokens cannot be looked up.
        """
        caller = self.remembered(token)
        if caller is None and token:
            caller = self._looked_up(token)
        if caller is not None:
            return caller
        if self.is_open:
            return ANYBODY
        if token:
            raise Unidentified("the token is unknown, expired or revoked")
        raise Unidentified("this service needs a token")

    def _looked_up(self, token: str) -> Caller | None:
        caller = self._find(token)
        if len(self._found) >= _MOST:
            self._found.clear()
        if caller is not None:
            self._found[token] = (time.monotonic(), caller)
        return caller
