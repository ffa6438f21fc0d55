"""Stretches of days (UTC) that questions are about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from trax.errors import InvalidOption

USUAL = 30
"""Days that a question is about if nothing is said."""

_MOST = 3660


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included.

    Raises:
        InvalidOption: it ends before it begins or with the last day of the calendar, or is longer
            than ten years.
    """

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.since > self.until:
            raise InvalidOption(f"the period ends on {self.until}, before {self.since}")
        if self.until == date.max:
            raise InvalidOption(f"there is no day after {self.until}")
        if (self.until - self.since).days > _MOST:
            raise InvalidOption("a period of more than ten years is too long")

    @classmethod
    def last(cls, days: int = USUAL) -> "Period":
        """The last *days*, today included.

        Raises:
            InvalidOption: *days* is less than one, or more than ten years.
        """
        if not 1 <= days <= _MOST:
            raise InvalidOption(f"{days} is no number of days from 1 to {_MOST}")
        today = datetime.now(UTC).date()
        return cls(today - timedelta(days=days - 1), today)

    @classmethod
    def between(cls, since: date | None, until: date | None, days: int) -> "Period":
        """From *since* to *until*; from *days* ago and to today if they are not given.

        Raises:
            InvalidOption: it makes no sense.
        """
        last = until or datetime.now(UTC).date()
        try:
            return cls(since or last - timedelta(days=days - 1), last)
        except OverflowError as error:
            raise InvalidOption(f"there is no day {days} days before {last}") from error

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def start(self) -> datetime:
        """When it begins."""
        return _midnight(self.since)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return _midnight(self.until + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
