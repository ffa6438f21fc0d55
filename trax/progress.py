"""How stages tell what they are doing, and how they are stopped."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from trax.errors import Cancelled, StageTimeout

Progress = Callable[[float], None]
"""Called with the share of a stage that is done, 0 to 1. What it raises stops the stage."""


SKIPPED = "skipped: "
"""What stands before the reason in `StageRun.engine`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """How one stage of one run went.

    Attributes:
        seconds: this run took; a cached stage takes the time of the look-up.
        cached: whether a checkpoint served.
        audio_seconds: length of the recording.
        peak_memory_bytes: the process's largest resident size up to the stage's end.
        peak_device_memory_bytes: the most that torch held on the GPU; 0 without one.
        engine: fingerprint; empty for stages without a model; `SKIPPED` and the reason where there
            was nothing to do.
        retries: how often it had failed before in this run.
    """

    stage: str
    key: str
    started_at: datetime
    seconds: float
    cached: bool
    audio_seconds: float
    peak_memory_bytes: int
    peak_device_memory_bytes: int = 0
    engine: str = ""
    retries: int = 0

    @property
    def speed_factor(self) -> float:
        """Seconds of audio a second of work."""
        return self.audio_seconds / self.seconds if self.seconds > 0 else 0.0

    @property
    def skipped(self) -> str:
        """Why the stage had nothing to do; empty where it had."""
        return self.engine.removeprefix(SKIPPED) if self.engine.startswith(SKIPPED) else ""


class Reporter(Protocol):
    """Somebody who wants to know how a job goes. Called from several threads."""

    def started(self, stage: str) -> None:
        """A stage begins."""

    def advanced(self, stage: str, share: float) -> None:
        """A stage has done *share* of its work, 0 to 1."""

    def finished(self, run: StageRun) -> None:
        """A stage has ended well."""

    def failed(self, stage: str, error: BaseException) -> None:
        """A stage has ended badly; it may be tried again."""

    def noted(self, message: str) -> None:
        """Something that people want to know: a wait, a damaged checkpoint."""


class Silence:
    """A reporter that tells nobody."""

    def started(self, stage: str) -> None:
        """Nothing."""

    def advanced(self, stage: str, share: float) -> None:
        """Nothing."""

    def finished(self, run: StageRun) -> None:
        """Nothing."""

    def failed(self, stage: str, error: BaseException) -> None:
        """Nothing."""

    def noted(self, message: str) -> None:
        """Nothing."""


_reporter: ContextVar[Reporter | None] = ContextVar("trax_reporter", default=None)
_stops: ContextVar[tuple[threading.Event, ...]] = ContextVar("trax_stops", default=())


def current_reporter() -> Reporter:
    """The reporter of the job that this code runs for."""
    return _reporter.get() or Silence()


@contextmanager
def reporting(reporter: Reporter, stop: threading.Event | None = None) -> Iterator[None]:
    """Within it, jobs report to *reporter*, and end at their next step once *stop* is set.

    Nested, the inner reporter takes the outer one's place; either stop ends the job.
    """
    stops = _stops.get() if stop is None else (*_stops.get(), stop)
    tokens = (_reporter.set(reporter), _stops.set(stops))
    try:
        yield
    finally:
        _reporter.reset(tokens[0])
        _stops.reset(tokens[1])


def is_stopped() -> bool:
    """Whether somebody asked the job that this code runs for to stop."""
    return any(stop.is_set() for stop in _stops.get())


def stage_progress(stage: str, limit: float) -> Progress:
    """A progress function that reports, and stops a stage that is cancelled or over its *limit* of
    seconds.

    Raises (when called):
        Cancelled: somebody asked to stop.
        StageTimeout: the limit has passed.
    """
    reporter, stops = current_reporter(), _stops.get()
    deadline = time.monotonic() + limit

    def progress(share: float) -> None:
        if any(stop.is_set() for stop in stops):
            raise Cancelled(
                f"{stage} was stopped; finished stages are kept, and running again goes on "
                "from there"
            )
        if time.monotonic() > deadline:
            raise StageTimeout(stage, limit)
        reporter.advanced(stage, share)

    return progress
