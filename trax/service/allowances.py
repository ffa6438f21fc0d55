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
    if not caller.account:
        return
    now = datetime.now(UTC)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    _check_minutes(allowances.day_minutes, "today", jobs, caller, day, day + timedelta(days=1))
    _check_minutes(allowances.month_minutes, "this month", jobs, caller, month, following)


def _check_minutes(
    most: float, when: str, jobs: JobRepository, caller: Caller, since: datetime, until: datetime
) -> None:
    if not most or jobs.duration(caller.account, since) < most * 60:
        return
    seconds = math.ceil((until - datetime.now(UTC)).total_seconds())
    reason = f"the {most:g} minutes of recordings that you may have transcribed {when} are used up"
    raise TooManyRequests(reason, max(1, seconds))
