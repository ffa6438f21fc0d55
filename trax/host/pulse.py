"""Whether a process gets anywhere, told without a clock: a busy machine makes everything slow."""

import os
import time
from pathlib import Path

_INTERVAL = 1.0  # seconds between looks at least
_LONGEST = 5.0  # seconds that one look stands for at most: whoever looks may have been asleep
_LEAST = 0.02  # share of a processor that says that something is done
_RUNNABLE = ("R", "D")  # works, or waits for its turn on a processor or a disk
_BUSY = 300.0  # seconds of every processor, used without a word


class Pulse:
    """Watches a process for signs of life.

    What it says is one, and so is that it uses a processor or waits for its turn on one. Where the
    system does not tell that, only what it says counts.

    Attributes:
        quiet: seconds without any sign, not counting those in which nobody looked.
        worked: seconds of processors that it used since it was heard.
    """

    def __init__(self, process: int) -> None:
        self.quiet = 0.0
        self.worked = 0.0
        self._folder = Path("/proc") / str(process)
        self._at = time.monotonic()
        self._used = self._processor_time()

    def heard(self) -> None:
        """It said something."""
        self.quiet = 0.0
        self.worked = 0.0

    def look(self) -> None:
        """Look again, if the last look is a while ago."""
        elapsed = time.monotonic() - self._at
        if elapsed < _INTERVAL:
            return
        self._at += elapsed
        used = self._processor_time()
        spent = used - self._used
        self._used = used
        self.worked += spent
        if spent >= _LEAST * elapsed or self._waits_for_its_turn():
            self.quiet = 0.0
        else:
            self.quiet += min(elapsed, _LONGEST)

    def is_stuck(self, patience: float) -> bool:
        """Whether nothing was done for *patience* seconds, or far too much without a word."""
        return self.quiet > patience or self.worked > _BUSY * (os.cpu_count() or 1)

    def _processor_time(self) -> float:
        fields = _fields(self._folder / "stat")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0

    def _waits_for_its_turn(self) -> bool:
        states = (_fields(stat)[:1] for stat in self._folder.glob("task/*/stat"))
        return any(state and state[0] in _RUNNABLE for state in states)


def _fields(stat: Path) -> list[str]:
    """What the system says of a process or thread, after its name; nothing if it is unknown."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []
