"""How often somebody tries to sign in."""

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from trax.errors import TooManyRequests

_BY_NAME = parse("100/hour")
_BY_ADDRESS = parse("60/minute")
_BY_BOTH = parse("10/minute")


class Attempts:
    """Counts attempts to sign in, by name and address."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, name: str, address: str) -> None:
        """Count one.

        Raises:
            TooManyRequests: there were too many.
        """
        self._hit(_BY_ADDRESS, "address", address)
        self._hit(_BY_BOTH, "both", name, address)
        self._hit(_BY_NAME, "name", name)

    def _hit(self, limit: RateLimitItem, *key: str) -> None:
        if self._limiter.hit(limit, *key):
            return
        free_at, _left = self._limiter.get_window_stats(limit, *key)
        seconds = max(1, math.ceil(free_at - time.time()))
        raise TooManyRequests("too many attempts to sign in", seconds)
