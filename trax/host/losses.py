"""Engines that went away under a stage, and whether the stage was why."""

from trax.errors import EngineError
from trax.host.ends import Cause

_MOST = 10  # losses of any kind, after which no engine is asked
_NOT_ITS_FAULT = 2  # losses that the stage did not cause, after which no engine is asked
_CRASHES = 2  # losses that it caused, after which it fails

_WHY: dict[Cause, str] = {
    "asked": "it was told to end",
    "stuck": "it hung",
    "killed": "it was killed",
    "memory": "it was killed, perhaps for want of memory",
    "crashed": "it crashed",
}


class Losses:
    """How often an engine went away under one stage, and whose fault it was."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._all = 0
        self._crashes = 0
        self._others = 0
        self._suspect = False

    @property
    def must_be_alone(self) -> bool:
        """Whether the stage may have been why, so that nothing else may run beside it."""
        return self._suspect

    @property
    def is_risky(self) -> bool:
        """Whether the stage was why, so that only an engine may run it."""
        return self._crashes > 0

    @property
    def too_many(self) -> bool:
        """Whether no engine is to be asked any more."""
        return self._all >= _MOST or (not self.is_risky and self._others >= _NOT_ITS_FAULT)

    def add(self, device: str, cause: Cause | None, *, running: bool) -> str:
        """Count the loss of an engine and give a sentence about it.

        Args:
            cause: ``None`` if nobody knows.
            running: whether the stage was at work.

        Raises:
            EngineError: the stage brought an engine down twice.
        """
        self._all += 1
        if running:
            self._judge(cause)
        if self._crashes >= _CRASHES:
            reason = " (it was killed, perhaps for want of memory)" if cause == "memory" else ""
            raise EngineError(f"{self._stage} brought the engine {device} down twice{reason}")
        why = f" ({_WHY[cause]})" if cause else ""
        return f"the engine {device} went away{why}"

    def _judge(self, cause: Cause | None) -> None:
        # Whoever ran beside may have used up the memory; alone, it was this stage.
        if cause == "crashed" or (cause == "memory" and self._suspect):
            self._crashes += 1
        else:
            self._others += 1
        self._suspect = self._suspect or cause in ("crashed", "memory")
