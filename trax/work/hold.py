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

from trax.errors import Cancelled, StoreError, StoreUnavailable
from trax.progress import (
    Advanced,
    Event,
    Failed,
    Finished,
    Heard,
    Noted,
    StageRun,
    Started,
    current_reporter,
    is_stopped,
    note,
    reporting,
)
from trax.store import (
    JobEvent,
    JobRecord,
    JobRepository,
    JobStatus,
    Renewal,
    new_owner,
)
from trax.work.failure import FailureReport, failure_report
from trax.work.patient import patient
from trax.work.retry import patiently, pause
from trax.work.values import Job
from trax.work.workspace import Workspace

HEARTBEAT = 5.0
"""Seconds between signs of life. A job that is to be cancelled learns of it with the next one."""

_TOGETHER = 0.03  # seconds in which more events may come, to be kept in one go
_OFTEN = 0.2  # seconds between two words on how a stage advances
_FIRST_WAIT = 0.05  # seconds before the second look at a job that another process has
_LONGEST_WAIT = 2.0  # seconds between later looks
_GRACE = 4  # heartbeats for which nobody is taken for dead once a database is back
_REMINDER = 30.0  # seconds after which a wait is reported again
_STOPPED = (Cancelled, KeyboardInterrupt, asyncio.CancelledError)

_log = logging.getLogger("trax")


def nobody_asks() -> None:
    """Nobody wants to know when something changes."""


class JobHold:
    """This process's hold on a job: signs of life while it lasts, its events, its end.

    It is the job's reporter, and passes every event on to the reporter that was there before.

    Args:
        changed: called when events were kept or a stage has advanced, but not at every step.

    Attributes:
        attempt: how often work on the job has begun, this time included.
        stop: set once the job is to be cancelled.
    """

    def __init__(
        self,
        workspace: Workspace,
        job: Job[Any],
        owner: str,
        attempt: int,
        changed: Callable[[], None] = nobody_asks,
    ) -> None:
        self.attempt = attempt
        self._changed = changed
        self._said_at = 0.0
        self.stop = threading.Event()
        self._jobs = JobRepository(workspace.database)  # signs of life wait for nothing
        self._job = job
        self._owner = owner
        self._outer = current_reporter()
        self._progress = _Progress()
        self._unsent_runs: list[StageRun] = []
        self._unsent_events: list[JobEvent] = []
        self._sent_passages = 0
        self._lock = threading.Lock()
        self._grumbled_at = -_REMINDER
        self._over = threading.Event()
        self._news = threading.Event()
        self._pulse = threading.Thread(target=self._beat, name=f"job-{job.id}", daemon=True)
        self._pulse.start()

    def __call__(self, event: Event) -> None:
        """Keep an event, and pass it on."""
        if isinstance(event, Finished):
            event = Finished(self._progress.counted(event.run))
        self._progress.add(event)
        self._keep(event)
        self._outer(event)

    @property
    def progress(self) -> tuple[str, float]:
        """The stage at work that began last, and how much of it is done, 0 to 1."""
        return self._progress.stage, self._progress.share

    @property
    def shares(self) -> dict[str, float]:
        """How much of each stage that has begun is done, 0 to 1."""
        return dict(self._progress.shares)

    @property
    def heard(self) -> list[Heard]:
        """What was recognised so far, in the order in which it was; it only ever grows."""
        return self._progress.heard

    def end(self, error: BaseException | None = None) -> FailureReport | None:
        """Let go of the job. After an *error*, keep a report on it and return it."""
        self._over.set()
        self._news.set()
        self._pulse.join()
        if error is None:
            self._try_to_end(
                lambda: patiently(lambda: self._jobs.complete(self._job.id, self._owner))
            )
            return None
        status = JobStatus.CANCELLED if isinstance(error, _STOPPED) else JobStatus.FAILED
        stage = self._progress.stage_of(error)
        report = failure_report(self._job, error, stage, self.attempt, self._progress.finished)

        def fail() -> bool:
            return self._jobs.fail(self._job.id, self._owner, report.to_dict(), status)

        # Whoever cancels does not wait for a database.
        stopped = status is JobStatus.CANCELLED
        self._try_to_end(fail if stopped else lambda: patiently(fail))
        return report

    def _try_to_end(self, end: Callable[[], bool]) -> None:
        """Note how the job ended. Its results are kept already, so a failure here is only
        logged.
        """
        self._send()  # first, so that whoever sees the end has seen what led to it
        try:
            end()
            self._send()
        except (StoreError, Cancelled) as error:
            _log.warning("the end of job %s is not noted: %s", self._job.id, error)

    def _beat(self) -> None:
        """Keep events as they come, and give signs of life, until the end."""
        due = time.monotonic() + HEARTBEAT
        while not self._over.is_set():
            if self._news.wait(max(0.0, due - time.monotonic())):
                self._over.wait(_TOGETHER)
            self._news.clear()
            if time.monotonic() >= due and not self._over.is_set():
                due = time.monotonic() + HEARTBEAT
                if not self._renewed():
                    return
            if not self._over.is_set():
                self._send()

    def _renewed(self) -> bool:
        """Give a sign of life; whether the job is still this process's."""
        try:
            renewal = self._jobs.renew(self._job.id, self._owner, *self.progress)
        except StoreError as error:
            self._grumble("job %s cannot say that it is alive: %s", error)
            renewal = Renewal.HELD
        if renewal is Renewal.LOST:
            _log.warning("job %s was taken over by another process", self._job.id)
            return False
        if renewal is Renewal.CANCEL and not self.stop.is_set():
            self.stop.set()
            self(Noted("the job is being cancelled"))
        return True

    def _keep(self, event: Event) -> None:
        """Keep what the database is to know of an event."""
        if isinstance(event, Heard):
            self._changed()
            self._news.set()
            return
        if isinstance(event, Advanced):
            self._say_now_and_then()
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
        self._news.set()

    def _say_now_and_then(self) -> None:
        if time.monotonic() - self._said_at >= _OFTEN:
            self._said_at = time.monotonic()
            self._changed()

    def _send(self) -> None:
        """Write events and figures; a database that is away gets them later."""
        with self._lock:
            heard = self._progress.heard[self._sent_passages :]
            if not self._unsent_events and not self._unsent_runs and not heard:
                return
            unsent = (self._unsent_events, self._unsent_runs, heard, self._sent_passages)
            try:
                self._jobs.keep(self._job.id, self.attempt, *unsent)
                self._sent_passages += len(heard)
                self._unsent_events.clear()
                self._unsent_runs.clear()
            except StoreError as error:
                self._grumble("events of job %s are not kept yet: %s", error)
                return
        self._changed()

    def _grumble(self, message: str, error: StoreError) -> None:
        """Log a warning, unless there was one a moment ago: a database may be away for long."""
        if time.monotonic() - self._grumbled_at >= _REMINDER:
            self._grumbled_at = time.monotonic()
            _log.warning(message, self._job.id, error)


class _Progress:
    """How far a job is, from its events.

    Attributes:
        shares: how much of each stage that has begun is done, 0 to 1, in the order in which they
            began.
        finished: stages that ended well, in the order in which they did.
        heard: what was recognised, each once, however often the stage is tried.
    """

    def __init__(self) -> None:
        self.shares: dict[str, float] = {}
        self.finished: list[str] = []
        self.heard: list[Heard] = []
        self._failures: Counter[str] = Counter()
        self._errors: dict[str, BaseException] = {}  # of stages that did not end well since

    def add(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case Started(stage):
                self.shares.pop(stage, None)
                self.shares[stage] = 0.0
            case Advanced(stage, share):
                self.shares[stage] = share
            case Finished(run):
                self.shares[run.stage] = 1.0
                self.finished.append(run.stage)
                self._errors.pop(run.stage, None)
            case Heard() if event not in self.heard:
                self.heard.append(event)
            case Failed(stage, error):
                self._failures[stage] += 1
                self._errors[stage] = error

    @property
    def stage(self) -> str:
        """The stage at work that began last; if none is at work, the last of all."""
        at_work = [stage for stage, share in self.shares.items() if share < 1.0]
        return next(reversed(at_work or list(self.shares)), "")

    @property
    def share(self) -> float:
        """How much of that stage is done, 0 to 1."""
        return self.shares.get(self.stage, 0.0)

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
    """Take hold of a job; wait while another process has it, or the database is away.

    Raises:
        Cancelled: the wait was stopped.
        StoreUnavailable: the database did not answer for long.
        SchemaMismatch: its schema is another than this library's.
    """
    jobs = patient(workspace).jobs
    owner = new_owner()
    told = _Waiting(jobs, job.id, owner)
    wait = _FIRST_WAIT
    while True:
        attempt = _claimed(workspace, job, owner, flow_run_id)
        if attempt is not None:
            return JobHold(workspace, job, owner, attempt)
        told.now_and_then()
        if is_stopped():
            raise Cancelled("stopped while another process worked on this recording")
        time.sleep(wait * random.uniform(0.5, 1.0))
        wait = min(_LONGEST_WAIT, wait * 2)


def _claimed(workspace: Workspace, job: Job[Any], owner: str, flow_run_id: str) -> int | None:
    def claim() -> int | None:
        return workspace.jobs.claim(job.request, owner, flow_run_id)

    try:
        return claim()
    except StoreUnavailable:
        patiently(lambda: workspace.jobs.known(()))
        pause(_GRACE * HEARTBEAT)
        return patiently(claim)


class _Waiting:
    """Says whom a process waits for: here now and then, and once to whoever looks at the job."""

    def __init__(self, jobs: JobRepository, job_id: str, owner: str) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._owner = owner
        self._said_at = -_REMINDER
        self._is_known = False

    def now_and_then(self) -> None:
        """Say it, unless it was said a moment ago."""
        if time.monotonic() - self._said_at < _REMINDER:
            return
        self._said_at = time.monotonic()
        job = self._jobs.get(self._job_id)
        note(_other(job))
        if not self._is_known:
            self._jobs.add_events(job.id, [_noted(job, f"{_process(self._owner)} waits for this")])
            self._is_known = True


def _other(job: JobRecord) -> str:
    """Who works on *job*, and how far they are."""
    run = f" for run {job.flow_run_id}" if job.flow_run_id else ""
    where = f", now at {job.stage} ({job.progress:.0%})" if job.stage else ""
    who = f"another process ({_process(job.owner)}{run})"
    return f"{who} works on this recording: waiting for its result{where}"


def _process(owner: str) -> str:
    """A process by its owner's name, for people."""
    host, _, rest = owner.partition("/")
    return f"process {rest.partition('/')[0]} on {host}"


def _noted(job: JobRecord, text: str) -> JobEvent:
    return JobEvent(id=0, attempt=job.attempts, at=datetime.now(UTC), kind="noted", text=text)


@contextmanager
def holding(workspace: Workspace, job: Job[Any]) -> Iterator[None]:
    """Hold a job while its stages run, and note how it ends.

    Raises:
        TraxError: as `take` does, and whatever the block raises.
    """
    with held(take(workspace, job)):
        yield


@contextmanager
def held(hold: JobHold) -> Iterator[None]:
    """Report to a hold while the job's stages run, and note how the job ends.

    Raises:
        TraxError: whatever the block raises.
    """
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
