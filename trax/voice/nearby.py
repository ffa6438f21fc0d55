"""Words or turns near a time, found without a look at all that there are."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

from trax.transcript import Span


class Nearby:
    """Stretches of time by their start.

    Args:
        spans: in any order.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans: list[Span] = sorted(spans, key=_start)
        self._ends = list(accumulate((each.end for each in self._spans), max))

    def overlap(self, span: Span) -> float:
        """The longest overlap with one of them, in seconds."""
        near = self.touching(span.start, span.end)
        return max((span.overlap(each) for each in near), default=0.0)

    def touching(self, start: float, end: float) -> Sequence[Span]:
        """All that reach into the time between the two, and perhaps some that ended before."""
        first = bisect_left(self._ends, start)
        return self._spans[first : bisect_right(self._spans, end, key=_start)]

    def end_before(self, time: float) -> float:
        """When the last of those ends that begin before *time*; 0 if there is none."""
        past = bisect_left(self._spans, time, key=_start)
        return self._ends[past - 1] if past else 0.0

    def start_from(self, time: float, but: Collection[Span] = ()) -> float:
        """When the first begins that does so at *time* or later, and is none of *but*; infinite if
        there is none.
        """
        for at in range(bisect_left(self._spans, time, key=_start), len(self._spans)):
            if self._spans[at] not in but:
                return self._spans[at].start
        return float("inf")


def _start(span: Span) -> float:
    return span.start
