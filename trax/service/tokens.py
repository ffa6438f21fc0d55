"""Tokens of the service: made, listed, revoked."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trax.errors import AccessDenied, InvalidOption, NotFound
from trax.service.access import Caller, Scope, checked_scopes
from trax.store import Token, TokenRepository

LONGEST_NAME = 100

_PREFIX = "trax_"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made.

    Attributes:
        secret: the token itself; it is known now and never again.
    """

    token: Token
    secret: str


def create(
    tokens: TokenRepository,
    name: str,
    scopes: Collection[str],
    days: float | None = None,
    account: str = "",
) -> NewToken:
    """Make a token.

    Args:
        name: what it is for, or whose it is.
        scopes: what it allows.
        days: after which it expires; ``None`` if it does not.
        account: the user for whom it acts; empty if it has things of its own.

    Raises:
        InvalidOption: there is no name or scope, an unknown scope, or the days are not above 0.
    """
    _check(name, days)
    now = datetime.now(UTC)
    token = Token(
        id=secrets.token_hex(4),
        name=name.strip(),
        scopes=checked_scopes(scopes),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
        revoked_at=None,
        used_at=None,
        account=account,
    )
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    tokens.add(token, token_digest(secret))
    return NewToken(token, secret)


def create_own(
    tokens: TokenRepository,
    caller: Caller,
    name: str,
    scopes: Collection[Scope],
    days: float | None = None,
) -> NewToken:
    """Make a token that acts for *caller*, and allows nothing that they may not do themselves.

    Raises:
        AccessDenied: they have not signed in, or may not do this themselves.
        InvalidOption: as for any token.
    """
    if caller.kind != "user":
        raise AccessDenied("only who has signed in makes tokens, and for themselves")
    for scope in scopes:
        caller.check(scope)
    return create(tokens, name, scopes, days, caller.id)


def own(tokens: TokenRepository, caller: Caller) -> list[Token]:
    """Tokens that act for *caller*, newest first."""
    return tokens.all(caller.account) if caller.account else []


def revoke_own(tokens: TokenRepository, caller: Caller, token_id: str) -> None:
    """Have a token that acts for *caller* refused.

    Raises:
        NotFound: there is none such.
    """
    if token_id not in [each.id for each in own(tokens, caller)]:
        raise NotFound("token", token_id)
    tokens.revoke(token_id)


def token_digest(secret: str) -> str:
    """What is kept of a token: its SHA-256, since nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def is_valid(token: Token) -> bool:
    """Whether a token is neither revoked nor expired."""
    expired = token.expires_at is not None and token.expires_at <= datetime.now(UTC)
    return token.revoked_at is None and not expired


def _check(name: str, days: float | None) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidOption(f"a token needs a name of at most {LONGEST_NAME} characters")
    if days is not None and not 0 < days <= 36_500:
        raise InvalidOption("a token expires after more than 0 and at most 36500 days")
