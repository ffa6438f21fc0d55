"""What takes recordings and transcribes them some time."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class RunState:
    """Where a run stands.

    Attributes:
        kind: ``living``, ``ended`` for good, or ``lost``: nobody will go on with it.
        reason: why it ended.
    """

    kind: Literal["living", "ended", "lost"]
    reason: str = ""


LIVING, LOST = RunState("living"), RunState("lost")


class Runs(Protocol):
    """Takes recordings, and tells what became of them."""

    def submit(self, recording: str, options: Any, key: str) -> str:
        """Have a recording transcribed, once for the same *key*; gives what the run is called.

        Args:
            options: the pipeline's options.
        """

    def states(self, runs: Collection[str]) -> dict[str, RunState]:
        """Where runs stand."""
