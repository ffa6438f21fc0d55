"""How much a diarization listens: windows and steps by name."""

from dataclasses import dataclass
from typing import Literal

PlanName = Literal["accurate", "fast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Sliding windows that segmentation looks through.

    Attributes:
        duration: seconds that one window sees.
        step: whole seconds from one window's start to the next one's.
        identity: weight of these windows in the question who speaks; all grids of a plan sum to
            one.
        counts: whether these windows say how many speak at once.
    """

    duration: float
    step: int
    identity: float
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a diarization computes.

    Short windows keep people apart who follow each other, and long ones hear more of the overlap:
    each is asked for what it does better.

    Attributes:
        short: windows whose speech is also embedded.
        long: windows that count the people who speak at once.
        hop: seconds from one embedded window to the next; a multiple of the short windows' step. Of
            each, the middle is embedded, so that all speech is embedded once.
    """

    short: Grid
    long: Grid
    hop: int

    @property
    def grids(self) -> tuple[Grid, Grid]:
        """Both."""
        return self.short, self.long


PLANS: dict[PlanName, Plan] = {
    "accurate": Plan(
        short=Grid(duration=5.0, step=1, identity=0.7, counts=False),
        long=Grid(duration=10.0, step=2, identity=0.3, counts=True),
        hop=2,
    ),
    "fast": Plan(
        short=Grid(duration=5.0, step=2, identity=0.7, counts=False),
        long=Grid(duration=10.0, step=3, identity=0.3, counts=True),
        hop=2,
    ),
}
"""The plans by name; chosen by DER and CPU seconds measured on the corpus (docs/diarization.md)."""
