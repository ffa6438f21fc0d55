"""How stages tell what they are doing, and how they are stopped."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from trax.errors import Cancelled, StageTimeout
from trax.store import StageRun

Progress = Callable[[float], None]
"""Called with the share of a stage that is done, 0 to 1. What it raises stops the stage."""


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
