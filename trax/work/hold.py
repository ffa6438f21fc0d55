"""A hold on a job: who works on it, how far it is, how it ended."""

import asyncio
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from trax.errors import Cancelled, StoreError
from trax.progress import (
    Advanced,
    Event,
    Failed,
    Finished,
    Noted,
    StageRun,
    Started,
    current_reporter,
    is_stopped,
    note,
    reporting,
)
from trax.store import JobEvent, JobStatus, Renewal, new_owner
from trax.work.failure import FailureReport, failure_report
from trax.work.retry import with_retries
from trax.work.values import Job
from trax.work.workspace import Workspace

HEARTBEAT = 5.0
"""Seconds between signs of life. A job that is to be cancelled learns of it with the next one."""

_FIRST_WAIT = 0.05  # seconds before the second look at a job that another process has
_LONGEST_WAIT = 2.0  # seconds between later looks
_STOPPED = (Cancelled, KeyboardInterrupt, asyncio.CancelledError)

_log = logging.getLogger("trax")


class JobHold:
    """This process's hold on a job: signs of life while it lasts, its events, its end.

    It is the job's reporter, and passes every event on to the reporter that was there before.

    Attributes:
        attempt: how often work on the job has begun, this time included.
        stop: set once the job is to be cancelled.
    """

    def __init__(self, workspace: Workspace, job: Job[Any], owner: str, attempt: int) -> None:
        self.attempt = attempt
        self.stop = threading.Event()
        self._jobs = workspace.jobs
        self._job = job
        self._owner = owner
        self._outer = current_reporter()
        self._progress = _Progress()
        self._unsent_runs: list[StageRun] = []
        self._unsent_events: list[JobEvent] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._pulse = threading.Thread(target=self._beat, name=f"job-{job.id}", daemon=True)
        self._pulse.start()

    def __call__(self, event: Event) -> None:
        """Keep an event, and pass it on."""
        if isinstance(event, Finished):
            event = Finished(self._progress.counted(event.run))
        self._progress.add(event)
        self._keep(event)
        self._outer(event)

    def end(self, error: BaseException | None = None) -> FailureReport | None:
        """Let go of the job. After an *error*, keep a report on it and return it."""
        self._over.set()
        self._pulse.join()
        if error is None:
            self._try_to_end(lambda: self._jobs.complete(self._job.id, self._owner))
            return None
        status = JobStatus.CANCELLED if isinstance(error, _STOPPED) else JobStatus.FAILED
        stage = self._progress.stage_of(error)
        report = failure_report(self._job, error, stage, self.attempt, self._progress.finished)
        self._try_to_end(
            lambda: self._jobs.fail(self._job.id, self._owner, report.to_dict(), status)
        )
        return report

    def _try_to_end(self, end: Callable[[], bool]) -> None:
        """Note how the job ended. Its results are kept already, so a failure here is only
        logged.
        """
        self._send()  # first, so that whoever sees the end has seen what led to it
        try:
            with_retries(end)
            self._send()
        except StoreError as error:
            _log.warning("the end of job %s is not noted: %s", self._job.id, error)

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            try:
                renewal = self._jobs.renew(
                    self._job.id, self._owner, self._progress.stage, self._progress.share
                )
            except StoreError as error:
                _log.warning("job %s cannot say that it is alive: %s", self._job.id, error)
                renewal = Renewal.HELD
            if renewal is Renewal.LOST:
                _log.warning("job %s was taken over by another process", self._job.id)
                return
            if renewal is Renewal.CANCEL and not self.stop.is_set():
                self.stop.set()
                self(Noted("the job is being cancelled"))
            self._send()

    def _keep(self, event: Event) -> None:
        """Keep what the database is to know of an event."""
        if isinstance(event, Advanced):
            return
        kept = JobEvent(
            id=0,
            attempt=self.attempt,
            at=datetime.now(UTC),
            kind=type(event).__name__.lower(),
            text=_text(event),
        )
        with self._lock:
            self._unsent_events.append(kept)
            if isinstance(event, Finished):
                self._unsent_runs.append(event.run)
        if isinstance(event, Finished):
            self._send()

    def _send(self) -> None:
        """Write events and figures; a database that is away gets them later."""
        with self._lock:
            try:
                self._jobs.add_events(self._job.id, self._unsent_events)
                self._unsent_events.clear()
                while self._unsent_runs:
                    self._jobs.record(self._job.id, self.attempt, self._unsent_runs[0])
                    self._unsent_runs.pop(0)
            except StoreError as error:
                _log.warning("events of job %s are not kept yet: %s", self._job.id, error)


class _Progress:
    """How far a job is, from its events.

    Attributes:
        stage: the stage that began last.
        share: how much of it is done, 0 to 1.
        finished: stages that ended well, in the order in which they did.
    """

    def __init__(self) -> None:
        self.stage = ""
        self.share = 0.0
        self.finished: list[str] = []
        self._failures: Counter[str] = Counter()
        self._errors: dict[str, BaseException] = {}  # of stages that did not end well since

    def add(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case Started(stage):
                self.stage = stage
                self.share = 0.0
            case Advanced(stage, share) if stage == self.stage:
                self.share = share
            case Finished(run):
                self.finished.append(run.stage)
                self._errors.pop(run.stage, None)
            case Failed(stage, error):
                self._failures[stage] += 1
                self._errors[stage] = error

    def counted(self, run: StageRun) -> StageRun:
        """A stage's figures with how often it had failed before."""
        return replace(run, retries=self._failures[run.stage])

    def stage_of(self, error: BaseException) -> str:
        """The stage that raised *error*; if none is known to, the one that failed first."""
        for stage, failure in self._errors.items():
            if str(failure) == str(error):
                return stage
        return next(iter(self._errors), "")


def take(workspace: Workspace, job: Job[Any], flow_run_id: str = "") -> JobHold:
    """Take hold of a job; wait while another process has it.

    Raises:
        Cancelled: the wait was stopped.
        StoreUnavailable: the database does not answer.
        SchemaMismatch: its schema is another than this library's.
    """
    owner = new_owner()
    wait = _FIRST_WAIT
    while True:
        attempt = with_retries(lambda: workspace.jobs.claim(job.request, owner, flow_run_id))
        if attempt is not None:
            return JobHold(workspace, job, owner, attempt)
        if wait == _FIRST_WAIT:
            note("another process works on this recording: waiting for its result")
        if is_stopped():
            raise Cancelled("stopped while another process worked on this recording")
        time.sleep(wait * random.uniform(0.5, 1.0))
        wait = min(_LONGEST_WAIT, wait * 2)


@contextmanager
def holding(workspace: Workspace, job: Job[Any]) -> Iterator[None]:
    """Hold a job while its stages run, and note how it ends.

    Raises:
        TraxError: as `take` does, and whatever the block raises.
    """
    hold = take(workspace, job)
    try:
        with reporting(hold, hold.stop):
            yield
    except BaseException as error:
        hold.end(error)
        raise
    hold.end()


def _text(event: Event) -> str:
    match event:
        case Started(stage):
            return stage
        case Finished(run):
            return f"{run.stage}: {run.outcome or f'{run.seconds:.1f} s'}"
        case Failed(stage, error):
            return f"{stage}: {' '.join(str(error).split()) or type(error).__name__}"
        case Noted(message):
            return message
        case _:
            return ""
