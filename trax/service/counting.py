"""How often somebody asks, here and in other services of the same database."""

import logging
import math
import threading
import time
from collections import Counter
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from trax.errors import StoreError
from trax.service.access import Caller
from trax.service.allowances import Allowances
from trax.store.request_counts import Counted, RequestCountRepository

_log = logging.getLogger("trax")


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
    """Counts requests of each caller in a window that slides.

    Args:
        shared: where several services add up what they count.
    """

    def __init__(self, allowances: Allowances, shared: RequestCountRepository) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._limit: RateLimitItem | None = None
        if allowances.requests:
            self._limit = RateLimitItemPerMinute(allowances.requests)
        self._shared = shared
        self._lock = threading.Lock()
        self._untold: Counter[str] = Counter()
        self._known = Counted(0, {})

    def count(self, caller: Caller) -> Left | None:
        """Count a request; ``None`` if there is no limit."""
        if self._limit is None or not caller.account:
            return None
        is_refused = not self._limiter.hit(self._limit, caller.account)
        if not is_refused:
            with self._lock:
                self._untold[caller.account] += 1
        stats = self._limiter.get_window_stats(self._limit, caller.account)
        # More than that: at that very moment it is still too early.
        seconds = max(0, math.floor(stats.reset_time - time.time())) + 1
        return Left(self._limit.amount, max(0, stats.remaining), seconds, is_refused)

    def exchange(self) -> None:
        """Tell other services who has asked here, and count how often they have asked there."""
        with self._lock:
            told, self._untold = self._untold, Counter()
        if self._limit is None or not told:
            return
        try:
            counted = self._shared.add(told)
        except StoreError as error:
            _log.warning("requests are counted by this service alone for now: %s", error)
            with self._lock:
                self._untold += told
            return
        before = self._known.totals if self._known.minute == counted.minute else {}
        for account, total in counted.totals.items():
            self._add(self._limit, account, total - told[account] - before.get(account, 0))
        self._known = Counted(counted.minute, {**before, **counted.totals})

    def _add(self, limit: RateLimitItem, account: str, elsewhere: int) -> None:
        """Count requests that others have answered, as many as there is room for."""
        room = self._limiter.get_window_stats(limit, account).remaining
        if cost := min(elsewhere, room):
            self._limiter.hit(limit, account, cost=cost)
