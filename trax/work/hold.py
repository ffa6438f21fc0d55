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

from trax.errors import Cancelled, StoreError
from trax.progress import StageRun, current_reporter, is_stopped, reporting
from trax.store import JobStatus, new_owner
from trax.work.failure import FailureReport, failure_report
from trax.work.job import Job
from trax.work.retry import patiently
from trax.work.workspace import Workspace

_HEARTBEAT = 5.0  # seconds between signs of life
_LONGEST_WAIT = 2.0  # seconds between looks at a job that another process has
_STOPPED = (Cancelled, KeyboardInterrupt, asyncio.CancelledError)

_log = logging.getLogger("trax")


class Work:
    """This process's hold on a job: signs of life while it lasts, its stages' figures, its end.

    It is the job's reporter, and passes everything on to the one that was there.
    """

    def __init__(self, workspace: Workspace, job: Job, owner: str, attempt: int) -> None:
        self.attempt = attempt
        self._jobs, self._job, self._owner = workspace.jobs, job, owner
        self._inner = current_reporter()
        self._stage, self._share = "", 0.0
        self._failures: Counter[str] = Counter()
        self._failed: dict[
            str, BaseException
        ] = {}  # by stage; those that ended well since are not among them
        self._finished: list[str] = []
        self._unsent: list[StageRun] = []
        self._lock, self._over = threading.Lock(), threading.Event()
        self._pulse = threading.Thread(target=self._beat, name=f"job-{job.id}", daemon=True)
        self._pulse.start()

    def started(self, stage: str) -> None:
        """A stage begins."""
        self._stage, self._share = stage, 0.0
        self._inner.started(stage)

    def advanced(self, stage: str, share: float) -> None:
        """A stage has done *share* of its work."""
        if stage == self._stage:
            self._share = share
        self._inner.advanced(stage, share)

    def finished(self, run: StageRun) -> None:
        """A stage has ended well: its figures are kept."""
        run = replace(run, retries=self._failures[run.stage])
        self._finished.append(run.stage)
        self._failed.pop(run.stage, None)
        with self._lock:
            self._unsent.append(run)
        self._send()
        self._inner.finished(run)

    def failed(self, stage: str, error: BaseException) -> None:
        """A stage has ended badly."""
        self._failures[stage] += 1
        self._failed[stage] = error
        self._inner.failed(stage, error)

    def noted(self, message: str) -> None:
        """Something that people want to know."""
        self._inner.noted(message)

    def end(self, error: BaseException | None = None) -> FailureReport | None:
        """Let go of the job. After an *error*, what is to be known of it is kept and given."""
        self._over.set()
        self._pulse.join()
        if error is None:
            self._tried_to_end(lambda: self._jobs.complete(self._job.id, self._owner))
            return None
        status = JobStatus.CANCELLED if isinstance(error, _STOPPED) else JobStatus.FAILED
        report = failure_report(
            self._job, error, self._stage_of(error), self.attempt, self._finished
        )
        self._tried_to_end(
            lambda: self._jobs.fail(self._job.id, self._owner, report.to_dict(), status)
        )
        return report

    def _stage_of(self, error: BaseException) -> str:
        """The stage that raised *error*; where none is known to, the one that failed first."""
        raised = (stage for stage, failure in self._failed.items() if str(failure) == str(error))
        return next(raised, next(iter(self._failed), ""))

    def _tried_to_end(self, end: Callable[[], bool]) -> None:
        """What was made is kept already: a database that is away now costs only the note of it."""
        try:
            patiently(end)
            self._send()
        except StoreError as error:
            _log.warning("the end of job %s is not noted: %s", self._job.id, error)

    def _beat(self) -> None:
        while not self._over.wait(_HEARTBEAT):
            try:
                if not self._jobs.renew(self._job.id, self._owner, self._stage, self._share):
                    _log.warning("job %s was taken over by another process", self._job.id)
                    return
            except StoreError as error:
                _log.warning("job %s cannot say that it is alive: %s", self._job.id, error)
            self._send()

    def _send(self) -> None:
        """Keep the stages' figures; a database that is away gets them later."""
        with self._lock:
            try:
                while self._unsent:
                    self._jobs.record(self._job.id, self.attempt, self._unsent[0])
                    self._unsent.pop(0)
            except StoreError as error:
                _log.warning("figures of stages are not kept yet: %s", error)


def begin(workspace: Workspace, job: Job, flow_run_id: str = "") -> Work:
    """Take hold of a job; waits while another process has it.

    Raises:
        Cancelled: somebody asked to stop while it waited.
        StoreUnavailable: the database does not answer.
        SchemaMismatch: its schema is another than this library's.
    """
    owner, wait = new_owner(), 0.05
    while (
        attempt := patiently(lambda: workspace.jobs.claim(job.request, owner, flow_run_id))
    ) is None:
        if wait == 0.05:
            current_reporter().noted(
                "another process works on this recording: waiting for its result"
            )
        if is_stopped():
            raise Cancelled("stopped while another process worked on this recording")
        time.sleep(wait * random.uniform(0.5, 1.0))
        wait = min(_LONGEST_WAIT, wait * 2)
    return Work(workspace, job, owner, attempt)


@contextmanager
def working_on(workspace: Workspace, job: Job) -> Iterator[None]:
    """Hold a job while its stages run, and note how it ends. Raises as `begin` does."""
    work = begin(workspace, job)
    try:
        with reporting(work):
            yield
    except BaseException as error:
        work.end(error)
        raise
    work.end()
