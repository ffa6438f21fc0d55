"""Sliding windows over audio that arrives chunk by chunk."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.audio import SAMPLE_RATE
from trax.diarization.evidence import FRAME, frames_in
from trax.diarization.plans import Grid, Plan

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class DueWindow:
    """A window whose audio is complete.

    Attributes:
        grid: the grid it belongs to.
        start: the recording's sample at which it begins.
        samples: its audio, padded with silence at the recording's end.
        embedded: the recording's frames whose speech is to be embedded, as first and past the last.
    """

    grid: Grid
    start: int
    samples: Samples
    embedded: tuple[int, int] | None = None


class SlidingWindows:
    """Cuts the windows of a plan out of audio as it arrives.

    Only audio that a later window needs is kept in memory.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._kept: Samples = np.zeros(0, dtype=np.float32)
        self._kept_from = 0
        self._next = dict.fromkeys(plan.grids, 0)  # seconds: the start of each grid's next window

    @property
    def duration(self) -> float:
        """Seconds of audio added so far."""
        return self._added / SAMPLE_RATE

    @property
    def kept(self) -> int:
        """Samples in memory."""
        return len(self._kept)

    def add(self, samples: Samples) -> None:
        """Append audio."""
        self._kept = np.concatenate([self._kept, samples])

    def complete(self) -> Iterator[DueWindow]:
        """The windows that have become complete; each comes once."""
        for grid in self._plan.grids:
            while _samples(self._next[grid] + grid.duration) <= self._added:
                start = self._next[grid]
                first = start * SAMPLE_RATE
                yield DueWindow(grid, first, self._cut(first, grid), self._embedded(grid, start))
                self._next[grid] += grid.step

    def last(self) -> Iterator[DueWindow]:
        """The window of each grid that ends with the audio added so far."""
        if self._added == 0:
            return
        for grid in self._plan.grids:
            start = max(0, self._added - _samples(grid.duration))
            embedded = None
            if grid is self._plan.short:
                embedded = (self._embedded_up_to(self._next[grid]), frames_in(self.duration) + 1)
            yield DueWindow(grid, start, self._cut(start, grid), embedded)

    def discard_seen(self) -> None:
        """Let go of audio that no later window needs."""
        done = min(self._next.values()) * SAMPLE_RATE
        # The last windows look back from the recording's end, wherever that will be.
        longest = max(grid.duration for grid in self._plan.grids)
        needed = min(done, self._added - _samples(longest))
        if needed > self._kept_from:
            self._kept = self._kept[needed - self._kept_from :].copy()
            self._kept_from = needed

    @property
    def _added(self) -> int:
        return self._kept_from + len(self._kept)

    def _cut(self, start: int, grid: Grid) -> Samples:
        length = _samples(grid.duration)
        samples = self._kept[start - self._kept_from :][:length]
        missing = length - len(samples)
        return np.pad(samples, (0, missing)) if missing else samples

    def _embedded(self, grid: Grid, start: int) -> tuple[int, int] | None:
        """The middle of a window, up to its neighbours' middles; the first one's from the start."""
        if grid is not self._plan.short or start % self._plan.hop:
            return None
        return self._embedded_up_to(start), self._embedded_up_to(start + self._plan.hop)

    def _embedded_up_to(self, start: int) -> int:
        """The frame at which the middle of the embedded window at or after *start* seconds is."""
        hop = self._plan.hop
        start = -(-start // hop) * hop
        if start == 0:
            return 0
        return round((start + (self._plan.short.duration - hop) / 2) / FRAME)


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
