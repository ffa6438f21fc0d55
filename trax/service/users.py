"""Users: added, changed, refused."""

import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime

from trax.errors import InvalidOption
from trax.service.access import Caller, Scope, checked_scopes
from trax.service.passwords import digest_of
from trax.store import User, UserRepository

USUAL_SCOPES: tuple[Scope, ...] = ("read", "write", "jobs")
"""What a user may do unless it is said otherwise."""

LONGEST_NAME = 100

_NAME = re.compile(r"[\w.@+-]+")


def add(
    users: UserRepository,
    name: str,
    password: str,
    scopes: Collection[str] = USUAL_SCOPES,
    full_name: str = "",
) -> User:
    """Add a user.

    Args:
        name: to sign in with; capitals make no difference.
        password: empty if they do not sign in with one.

    Raises:
        InvalidOption: the name is taken or none, the password too short, a scope unknown.
    """
    user = User(
        id=secrets.token_hex(8),
        name=checked_name(name),
        full_name=full_name.strip()[:LONGEST_NAME],
        scopes=checked_scopes(scopes),
        created_at=datetime.now(UTC),
    )
    users.add(user, digest_of(password) if password else "")
    return user


def checked_name(name: str) -> str:
    """A name to sign in with, as it is kept.

    Raises:
        InvalidOption: it is none.
    """
    kept = unicodedata.normalize("NFKC", name).strip().casefold()
    if len(kept) > LONGEST_NAME or not _NAME.fullmatch(kept):
        allowed = f"1 to {LONGEST_NAME} letters, digits and any of . _ @ + -"
        raise InvalidOption(f"a name to sign in with has {allowed}")
    return kept


def change(
    users: UserRepository,
    user_id: str,
    *,
    scopes: Collection[str] | None = None,
    disabled: bool | None = None,
    full_name: str | None = None,
) -> User:
    """Change a user; what is ``None`` stays.

    Raises:
        NotFound: there is none of that id or name.
        InvalidOption: a scope is unknown.
    """
    values: dict[str, object] = {}
    if scopes is not None:
        values["scopes"] = checked_scopes(scopes)
    if disabled is not None:
        values["disabled_at"] = datetime.now(UTC) if disabled else None
    if full_name is not None:
        values["full_name"] = full_name.strip()[:LONGEST_NAME]
    return users.change(user_id, values) if values else users.get(user_id)


def set_password(users: UserRepository, user_id: str, password: str) -> None:
    """Give a user another password; wherever they are signed in, they no longer are.

    Raises:
        NotFound: there is none of that id or name.
        InvalidOption: the password is too short.
    """
    users.set_password(user_id, digest_of(password))


def caller_of(user: User) -> Caller:
    """A user as whoever asks."""
    scopes = frozenset(user.scopes.split())
    return Caller(id=user.id, name=user.name, scopes=scopes, kind="user")
