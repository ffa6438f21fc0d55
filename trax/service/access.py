"""Who asks, and what they may do."""

import hmac
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, get_args

from trax.errors import AccessDenied, InvalidOption, Unidentified
from trax.store import Link, Role, Sight

Scope = Literal["read", "write", "jobs", "voices", "admin"]
"""Something that one may be allowed: to read transcripts, to change them, to have recordings
transcribed, to manage known voices, to manage the service, which is to be allowed everything.
"""

SCOPES: frozenset[Scope] = frozenset(get_args(Scope))

REMEMBERED = 0.8
"""Seconds for which a token counts as it was when it was looked up: a revoked one no longer."""

_MOST = 1000  # tokens that are remembered

Kind = Literal["local", "service", "token", "user", "link"]
"""What somebody is known by: that they are on this machine, the token in the settings, a token,
that they have signed in, or that they have opened a link.
"""


def checked_scopes(scopes: Collection[str]) -> str:
    """Scopes as they are kept: parted by spaces.

    Raises:
        InvalidOption: there is none, or an unknown one.
    """
    known = ", ".join(sorted(SCOPES))
    if not scopes:
        raise InvalidOption(f"say what is allowed: {known}")
    for scope in scopes:
        if scope not in SCOPES:
            raise InvalidOption(f"there is no scope {scope!r}; scopes are {known}")
    return " ".join(sorted(set(scopes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever asks.

    Attributes:
        id: what their uploads and keys are kept under.
        name: for people.
        scopes: what they may do.
        kind: what they are known by.
        link: the link that they have opened; ``None`` for all others.
    """

    id: str
    name: str
    scopes: frozenset[str]
    kind: Kind = "token"
    link: Link | None = None

    @property
    def account(self) -> str:
        """Whose what they make is; empty if it is nobody's, as what the machine's user makes."""
        return "" if self.kind in ("local", "service") else self.id

    @property
    def sight(self) -> Sight:
        """What they see: administrators see everything."""
        if self.link is None:
            return Sight(self.account, is_whole="admin" in self.scopes)
        role: Role = "editor" if self.link.permission == "edit" else "viewer"
        return Sight(self.account, shown=(self.link.transcript_id, role))

    @property
    def label(self) -> str:
        """How the audit log names them."""
        return f"{self.kind} {self.name if self.kind == 'user' else self.id}"

    def check(self, scope: Scope) -> None:
        """Refuse what they may not do.

        Raises:
            AccessDenied: *scope* is not among what they may do.
        """
        if scope not in self.scopes and "admin" not in self.scopes:
            raise AccessDenied(f"this needs the scope {scope}")


ANYBODY = Caller(id="local", name="anybody on this machine", scopes=SCOPES, kind="local")
"""Whoever can reach a service that is open to this machine alone."""

OWNER = Caller(id="service", name="the service's own token", scopes=SCOPES, kind="service")
"""Whoever has the token that the settings name."""

Find = Callable[[str], Caller | None]
"""Finds whose a token is; ``None`` if it is nobody's, or no longer valid."""


def nobody(_token: str) -> Caller | None:
    """There are no tokens but the settings'."""
    return None


def never() -> bool:
    """There are no users."""
    return False


class Access:
    """Tells who asks.

    Args:
        token: allows everything; empty if there is none such.
        is_open: whether those without a known secret may do everything, too, as long as there are
            no users: clients of other services send a token that means nothing here.
        find: looks other secrets up: tokens, and those of sessions.
        has_users: looks whether somebody can sign in; once that is so it stays so.
    """

    def __init__(
        self,
        token: str = "",
        *,
        is_open: bool = False,
        find: Find = nobody,
        has_users: Callable[[], bool] = never,
    ) -> None:
        self._token = token
        self._find = find
        self._found: dict[str, tuple[float, Caller | None]] = {}
        self._is_open = is_open
        self._has_users = has_users
        self._looked_for_users = -REMEMBERED

    def remembered(self, secret: str) -> Caller | None:
        """Whoever has *secret*, if that is known without looking it up."""
        if not secret:
            return ANYBODY if self._is_open and self._is_fresh(self._looked_for_users) else None
        if self._token and hmac.compare_digest(secret.encode(), self._token.encode()):
            return OWNER
        looked_up_at, caller = self._found.get(secret, (-REMEMBERED, None))
        return caller if self._is_fresh(looked_up_at) else None

    def caller(self, secret: str) -> Caller:
        """Whoever has *secret*, which is empty if they have none.

        Raises:
            Unidentified: one is needed, or nobody has this one.
            StoreError: it cannot be looked up.
        """
        caller = self.remembered(secret)
        if caller is None and secret:
            caller = self._looked_up(secret)
        if caller is not None:
            return caller
        if self.is_open():
            return ANYBODY
        if secret:
            raise Unidentified("the token or session is unknown, expired or revoked")
        raise Unidentified("sign in, or send a token")

    def is_open(self) -> bool:
        """Whether anybody may do everything.

        Raises:
            StoreError: users cannot be looked up.
        """
        if self._is_open and not self._is_fresh(self._looked_for_users):
            self._is_open = not self._has_users()
            self._looked_for_users = time.monotonic()
        return self._is_open

    def forget(self) -> None:
        """Look every secret up the next time: what is known of somebody has changed."""
        self._found.clear()
        self._looked_for_users = -REMEMBERED

    def _looked_up(self, secret: str) -> Caller | None:
        caller = self._find(secret)
        if len(self._found) >= _MOST:
            self._found.clear()
        if caller is not None:
            self._found[secret] = (time.monotonic(), caller)
        return caller

    @staticmethod
    def _is_fresh(moment: float) -> bool:
        return time.monotonic() - moment < REMEMBERED
