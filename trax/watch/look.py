"""What one look into a watched folder found and did."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Look:
    """Recordings by what became of them, named by their paths.

    Attributes:
        growing: recordings that are not whole yet.
        submitted: recordings that were submitted now.
        working: recordings that are being transcribed.
        done: recordings that were put away with their exports now.
        failed: recordings that were put away as failed now, with the reason.
        held: recordings that cannot be submitted or put away yet, with the reason.
        resting: those that grow by their names, and have not for a while.
        refused: those that are held until somebody corrects their folder's rules.
    """

    growing: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    working: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    resting: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be done, or waited for unless somebody changes a file."""
        grows = set(self.growing) - self.resting
        waits = self.held.keys() - self.refused
        return not (grows or self.submitted or self.working or waits)

    def __str__(self) -> str:
        parts = {
            "growing": self.growing,
            "submitted": self.submitted,
            "in work": self.working,
            "done": self.done,
            "failed": self.failed,
            "held back": self.held,
        }
        counts = [f"{len(paths)} {name}" for name, paths in parts.items() if paths]
        return ", ".join(counts) or "nothing new"
