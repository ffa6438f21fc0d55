"""How much a diarization computes: windows and steps by name."""

from dataclasses import dataclass
from typing import Literal

PlanName = Literal["accurate", "fast"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Sliding windows for segmentation.

    Attributes:
        duration: seconds of a window.
        step: whole seconds from one window's start to the next one's.
        identity: weight of these windows in deciding who speaks; the grids of a plan sum to one.
        counts: whether these windows decide how many speak at once.
    """

    duration: float
    step: int
    identity: float
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a diarization computes.

    Short windows separate speakers who follow each other, and long ones find more of the overlap:
    each is used for what it does better.

    Attributes:
        short: windows whose speech is also embedded.
        long: windows that count the speakers at once.
        hop: seconds from one embedded window to the next; a multiple of the short windows' step.
            The middle of each is embedded, so that all speech is embedded once.
    """

    short: Grid
    long: Grid
    hop: int

    @property
    def grids(self) -> tuple[Grid, Grid]:
        """Both grids, the short windows first."""
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
