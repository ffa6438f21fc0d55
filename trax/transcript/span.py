"""A stretch of time."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time ``[start, end)``, in seconds from the recording's start.

    >>> Span(0.0, 1.0).overlap(Span(1.0, 2.0))
    0.0
    >>> Span(0.5, 2.0).overlap(Span(1.0, 9.0))
    1.0
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.start <= self.end < float("inf"):
            raise ValueError(f"span must satisfy 0 <= start <= end, got {self.start}..{self.end}")

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """The point half-way, in seconds."""
        return (self.start + self.end) / 2

    def overlap(self, other: "Span") -> float:
        """Seconds that both spans cover."""
        return max(0.0, min(self.end, other.end) - max(self.start, other.start))

    def distance(self, other: "Span") -> float:
        """Seconds of silence between the two; 0 where they touch or overlap."""
        return max(0.0, other.start - self.end, self.start - other.end)

    def shifted(self, offset: float) -> Self:
        """The same span, *offset* seconds later."""
        return replace(self, start=self.start + offset, end=self.end + offset)


def format_clock(seconds: float, decimals: int = 0) -> str:
    """Hours, minutes and seconds as people write them, rounded once.

    >>> format_clock(3725.96, 1), format_clock(59.96), format_clock(5.0, 3)
    ('1:02:06.0', '1:00', '0:05.000')
    """
    scale = 10**decimals
    units = round(seconds * scale)
    whole, fraction = divmod(units, scale)
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f".{fraction:0{decimals}d}" if decimals else ""
    return f"{hours}:{minutes:02d}:{secs:02d}{tail}" if hours else f"{minutes}:{secs:02d}{tail}"
