"""Signing in with a name and a password, and out."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from trax.errors import InvalidOption, Unidentified
from trax.service.access import Caller
from trax.service.passwords import digest_of, is_outdated, matches
from trax.service.tokens import token_digest
from trax.service.users import checked_name, set_password
from trax.store import Session, User, UserRepository

LASTS = timedelta(days=7)
"""How long somebody stays signed in."""

PREFIX = "session_"
"""How the secret of a session begins."""

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that was just opened.

    Attributes:
        secret: proves whose it is; it is known now and never again.
    """

    secret: str
    session: Session


class Attempts(Protocol):
    """Counts attempts to sign in."""

    def count(self, name: str, address: str) -> None:
        """Count one.

        Raises:
            TooManyRequests: there were too many.
        """


def sign_in(
    users: UserRepository, attempts: Attempts, name: str, password: str, address: str
) -> NewSession:
    """Open a session for whoever knows a user's password.

    An unknown name takes as long and says as much as a wrong password.

    Raises:
        Unidentified: name or password is wrong, or the user is disabled.
        TooManyRequests: somebody tried too often.
    """
    kept = _as_kept(name)
    attempts.count(kept, address)
    known = users.password(kept)
    user, digest = known or (None, "")
    is_right = matches(digest, password)
    if user is None or not is_right or user.disabled_at is not None:
        users.refused(user.id if user else "nobody", address)
        raise Unidentified("name or password is wrong")
    if is_outdated(digest):
        users.set_password(user.id, digest_of(password), quietly=True)
    return open_session(users, user)


def open_session(users: UserRepository, user: User) -> NewSession:
    """Open a session for a user who has proved who they are."""
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    session = Session(user, datetime.now(UTC) + LASTS)
    users.open_session(user.id, token_digest(secret), session.expires_at)
    return NewSession(secret, session)


def change_password(
    users: UserRepository, attempts: Attempts, caller: Caller, old: str, new: str, address: str
) -> None:
    """Change the password of whoever asks.

    Raises:
        InvalidOption: they have none, *old* is not theirs, or *new* is too short.
        TooManyRequests: somebody tried too often.
    """
    attempts.count(caller.name, address)
    known = users.password(caller.name) if caller.kind == "user" else None
    if known is None or not matches(known[1], old):
        raise InvalidOption("the old password is wrong")
    set_password(users, known[0].id, new)


def sign_out(users: UserRepository, secret: str) -> None:
    """End a session."""
    users.end_session(token_digest(secret))


def _as_kept(name: str) -> str:
    try:
        return checked_name(name)
    except InvalidOption:
        return ""
