"""What happens to a job, as events; and how its stages are stopped."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from trax.errors import Cancelled, StageTimeout

Progress = Callable[[float], None]
"""Called with the share of a stage that is done, 0 to 1. An error that it raises stops the
stage.
"""

SKIPPED = "skipped: "
"""Stands before the reason in `StageRun.engine`."""

_MODEL = re.compile(r"(?:^|/|, )([^/@,]+)@")
_NO_MODELS = "+passes-"  # what is in a recogniser's fingerprint behind this names none


def models_in(engine: str) -> str:
    """The names of the models in an engine's fingerprint, by commas; empty without one.

    >>> models_in("faster-whisper-1.2/ctranslate2-4.6/small.en@5f2b/cpu-int8+passes-3.1a@2b")
    'small.en'
    """
    if engine.startswith(SKIPPED):
        return ""
    return ", ".join(dict.fromkeys(_MODEL.findall(engine.partition(_NO_MODELS)[0])))


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """How one run of one stage went.

    Attributes:
        seconds: how long this run took; for a cached stage, the look-up.
        cached: whether a checkpoint supplied the result.
        audio_seconds: length of the recording.
        peak_memory_bytes: the process's largest resident size while the stage ran.
        peak_device_memory_bytes: the most that torch held on the GPU; 0 without one.
        engine: fingerprint; empty for stages without a model; `SKIPPED` and the reason if there was
            nothing to do.
        retries: how often the stage had failed before in this run of the job.
        processor_seconds: that the process worked; of stages at the same time, an equal part each.
        gpu_busy_seconds: for which a GPU was busy; likewise.
        written_bytes: that the process wrote to disks; likewise.
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
    processor_seconds: float = 0.0
    gpu_busy_seconds: float = 0.0
    written_bytes: int = 0

    @property
    def speed_factor(self) -> float:
        """Seconds of audio per second of work."""
        return self.audio_seconds / self.seconds if self.seconds > 0 else 0.0

    @property
    def skipped(self) -> str:
        """Why the stage had nothing to do; empty if it had."""
        return self.engine.removeprefix(SKIPPED) if self.engine.startswith(SKIPPED) else ""

    @property
    def outcome(self) -> str:
        """How a stage ended that had no work to do; empty if it had."""
        if self.skipped:
            return f"skipped: {self.skipped}"
        return "kept from before" if self.cached else ""


@dataclass(frozen=True, slots=True)
class Started:
    """A stage began."""

    stage: str


@dataclass(frozen=True, slots=True)
class Advanced:
    """A stage has done *share* of its work, 0 to 1."""

    stage: str
    share: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A stage ended well."""

    run: StageRun

    @property
    def stage(self) -> str:
        """Name of the stage."""
        return self.run.stage


@dataclass(frozen=True, slots=True)
class Failed:
    """A stage ended badly; it may be tried again."""

    stage: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class Noted:
    """Something people should know: a wait, a damaged checkpoint."""

    message: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised from *start* to *end* seconds; a later step may still change it.

    It is kept until the job ends, for whoever follows that.
    """

    start: float
    end: float
    text: str


Event = Started | Advanced | Finished | Failed | Noted | Heard

Reporter = Callable[[Event], None]
"""Receives a job's events, from several threads."""


def silent(_event: Event) -> None:
    """Ignore an event."""


_reporter: ContextVar[Reporter] = ContextVar("trax_reporter", default=silent)
_stops: ContextVar[tuple[threading.Event, ...]] = ContextVar("trax_stops", default=())


def current_reporter() -> Reporter:
    """The reporter of the job that this code runs for."""
    return _reporter.get()


def report(event: Event) -> None:
    """Send *event* to the reporter of the job that this code runs for."""
    _reporter.get()(event)


def note(message: str) -> None:
    """Report something people should know."""
    report(Noted(message))


class NowAndThen:
    """Notes how a wait goes: at once, when that changes, and as a reminder while it does not.

    Args:
        least: seconds between two notes at least, however often things change.
        most: seconds after which an unchanged message is noted again.
    """

    def __init__(self, least: float = 5.0, most: float = 30.0) -> None:
        self._least = least
        self._most = most
        self._said = ""
        self._at = 0.0

    def __call__(self, message: str) -> bool:
        """Note *message* if it is time to; whether it was."""
        silence = time.monotonic() - self._at
        due = silence >= (self._most if message == self._said else self._least)
        if self._said and not due:
            return False
        self._said = message
        self._at = time.monotonic()
        note(message)
        return True


@contextmanager
def reporting(reporter: Reporter, stop: threading.Event | None = None) -> Iterator[None]:
    """Send events of the block to *reporter*, and stop its jobs at their next step once *stop* is
    set.

    Nested, the inner reporter replaces the outer one; either stop ends the job.
    """
    stops = _stops.get() if stop is None else (*_stops.get(), stop)
    outer_reporter = _reporter.set(reporter)
    outer_stops = _stops.set(stops)
    try:
        yield
    finally:
        _reporter.reset(outer_reporter)
        _stops.reset(outer_stops)


def is_stopped() -> bool:
    """Whether the job that this code runs for was asked to stop."""
    return any(stop.is_set() for stop in _stops.get())


def stage_progress(stage: str, limit: float) -> Progress:
    """A progress function that reports, and stops a stage that is cancelled or too slow.

    Args:
        limit: seconds the stage may take.

    Raises (when called):
        Cancelled: the job was asked to stop.
        StageTimeout: the limit has passed.
    """
    reporter = current_reporter()
    stops = _stops.get()
    deadline = time.monotonic() + limit

    def progress(share: float) -> None:
        if any(stop.is_set() for stop in stops):
            raise Cancelled(
                f"{stage} was stopped; finished stages are kept, and running again continues there"
            )
        if time.monotonic() > deadline:
            raise StageTimeout(stage, limit)
        reporter(Advanced(stage, share))

    return progress
