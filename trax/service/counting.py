"""How often somebody asks."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from trax.service.access import Caller
from trax.service.allowances import Allowances


@dataclass(frozen=True, slots=True)
class Left:
    """What a caller has left of a limit.

    Attributes:
        seconds: until there is more.
    """

    limit: int
    remaining: int
    seconds: int
    is_refused: bool


class Requests:
    """Counts requests of each caller in a window that slides."""

    def __init__(self, allowances: Allowances) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limit: RateLimitItem | None = None
        if allowances.requests:
            self._limit = RateLimitItemPerMinute(allowances.requests)

    def count(self, caller: Caller) -> Left | None:
        """Count a request; ``None`` if there is no limit."""
        if self._limit is None or not caller.account:
            return None
        is_refused = not self._limiter.hit(self._limit, caller.account)
        stats = self._limiter.get_window_stats(self._limit, caller.account)
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        return Left(self._limit.amount, max(0, stats.remaining), seconds, is_refused)
