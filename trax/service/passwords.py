"""Passwords: what is kept of them, and whether one is right."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from trax.errors import InvalidOption

SHORTEST = 12
"""Characters of a password."""

_LONGEST = 1000
_AT_ONCE = 2  # each takes 64 MB of memory

_hasher = PasswordHasher()
_turn = threading.BoundedSemaphore(_AT_ONCE)


def digest_of(password: str) -> str:
    """What is kept of a password: argon2id with the parameters of RFC 9106 for little memory.

    Raises:
        InvalidOption: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= _LONGEST:
        raise InvalidOption(f"a password has {SHORTEST} to {_LONGEST} characters")
    with _turn:
        return _hasher.hash(password)


def matches(digest: str, password: str) -> bool:
    """Whether *password* is that of *digest*; an empty digest takes as long, and matches none."""
    nobodys = _nobodys()
    with _turn:
        try:
            is_right = _hasher.verify(digest or nobodys, password[: _LONGEST + 1])
        except (Argon2Error, InvalidHashError):
            return False
    return is_right and bool(digest)


def is_outdated(digest: str) -> bool:
    """Whether a digest was made with other parameters than are used now."""
    return _hasher.check_needs_rehash(digest)


@cache
def _nobodys() -> str:
    """A digest to compare with where there is no user."""
    return _hasher.hash("nobody has this password")
