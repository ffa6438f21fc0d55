"""Waiting for what others do."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOKS = 0.05  # seconds between two


def wait_until(condition: Callable[[], T], seconds: float = 120.0, *, what: str = "") -> T:
    """What *condition* gives, once that is true.

    Args:
        what: is waited for, in the error's words.

    Raises:
        AssertionError: it did not become true in so many *seconds*.
    """
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what or condition}"
        time.sleep(_LOOKS)
    return found
