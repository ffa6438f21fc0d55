"""How much one user or token may ask for: requests, jobs at a time, minutes of recordings."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trax.errors import TooManyRequests
from trax.service.access import Caller
from trax.store import JobRepository

USUAL_REQUESTS = 1200
"""Requests a minute of each caller, of a service that others than this machine reach."""

USUAL_JOBS = 200
"""Jobs of each caller that have not ended, there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """What each caller may ask for; 0 sets no limit.

    Attributes:
        requests: a minute.
        jobs: that have not ended.
        day_minutes: of recordings a day (UTC).
        month_minutes: of recordings a month (UTC).
    """

    requests: int = 0
    jobs: int = 0
    day_minutes: float = 0.0
    month_minutes: float = 0.0


UNLIMITED = Allowances()


def check_minutes(allowances: Allowances, jobs: JobRepository, caller: Caller) -> None:
    """Refuse one more job of a caller who has had as many minutes transcribed as they may.

    Recordings count once it is known how long they are, so that the last job may exceed what is
    left.

    Raises:
        TooManyRequests: they have had enough.
    """
    error = spent(allowances, jobs, caller.account)
    if error is not None:
        raise error


def spent(
    allowances: Allowances, jobs: JobRepository, account: str, more: float = 0.0
) -> TooManyRequests | None:
    """Why an account may have nothing more transcribed; ``None`` if it may.

    Args:
        more: seconds that are to count, too, such as those of live sessions.
    """
    if not account:
        return None
    now = datetime.now(UTC)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    spans = (
        (allowances.day_minutes, "today", day, day + timedelta(days=1)),
        (allowances.month_minutes, "this month", month, following),
    )
    for most, when, since, until in spans:
        if most and jobs.duration(account, since) + more >= most * 60:
            reason = f"the {most:g} minutes of recordings that you may have transcribed {when}"
            seconds = math.ceil((until - now).total_seconds())
            return TooManyRequests(f"{reason} are used up", max(1, seconds))
    return None
