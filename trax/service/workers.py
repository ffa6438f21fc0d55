"""What works on queued jobs: this process, some at a time."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from trax.errors import StoreError, TraxError
from trax.hardware import give_way
from trax.pipelines.all import PIPELINES, STAGES
from trax.pipelines.runner import run_stages
from trax.progress import Event, Failed, Finished, Heard, StageRun, reporting
from trax.store import JobRequest, Taken, new_owner
from trax.telemetry.ids import bound, current_ids
from trax.telemetry.traces import current_trace, span
from trax.work.hold import JobHold, held
from trax.work.values import Job
from trax.work.workspace import Workspace

_LOOK = 0.5  # seconds between looks for jobs that another process has queued
_TAKE_BACK = 5.0  # seconds between looks for jobs that a dead process has left
_LET_GO = 5.0  # seconds that stages may take to stop
_UNQUEUED = 0.05  # seconds between looks while jobs end

_MOST_ASKED = 10_000

_log = logging.getLogger("trax")

Changed = Callable[[str, bool], None]
"""Called with the id of a job of which there is something new to be seen, and whether it was ended
or let go.
"""


class Workers(Protocol):
    """Sees to it that queued jobs are done."""

    @property
    def places(self) -> int:
        """Jobs that are worked on at a time; 0 if that is not known."""

    def start(self) -> None:
        """Begin."""

    def stop(self, drain: float) -> None:
        """Begin no more jobs; those that have begun may take *drain* seconds."""

    def submit(self, request: JobRequest) -> None:
        """Have a job done that was queued."""

    def wake(self) -> None:
        """Look for jobs that were queued again."""

    def cancel(self, job_id: str) -> None:
        """Stop a job whose row says already that it is to be cancelled."""

    def progress(self, job_id: str) -> tuple[str, float] | None:
        """The stage that a job is at and how much of it is done; ``None`` if it is not known better
        than its row says.
        """

    def shares(self, job_id: str) -> Mapping[str, float]:
        """How much of each stage of a job that has begun is done, 0 to 1; nothing if it is not
        known better than rows say.
        """

    def heard(self, job_id: str) -> Sequence[Heard]:
        """What was recognised of a job so far, in the order in which it was; it only ever grows
        while the job is worked on. Nothing if that is not known.
        """

    def worked(self) -> Mapping[str, "Worked"]:
        """What stages have done here, by stage; nothing where others do the work."""

    def listen(self, changed: Changed) -> None:
        """Have *changed* called whenever a job changes here."""


@dataclass(slots=True)
class Worked:
    """What a stage has done since the process began.

    Attributes:
        runs: that ended well, those kept from before left out.
        seconds: that these took.
        audio_seconds: seconds of sound that they worked on.
        kept: runs whose result was kept from before.
        processor_seconds: that processors worked for the runs.
        gpu_busy_seconds: for which a GPU was busy meanwhile.
        failures: how often it failed; it may have been tried again.
    """

    runs: int = 0
    seconds: float = 0.0
    audio_seconds: float = 0.0
    kept: int = 0
    processor_seconds: float = 0.0
    gpu_busy_seconds: float = 0.0
    failures: int = 0

    def count(self, run: StageRun) -> None:
        """Add a run that ended well."""
        if run.cached:
            self.kept += 1
            return
        self.runs += 1
        self.seconds += run.seconds
        self.audio_seconds += run.audio_seconds
        self.processor_seconds += run.processor_seconds
        self.gpu_busy_seconds += run.gpu_busy_seconds


class LocalWorkers:
    """Does queued jobs in this process, those first that have waited longest.

    A job that a dead process has left is queued again, so that nothing is lost however a service
    ends.

    Args:
        count: jobs at a time.
    """

    def __init__(self, workspace: Workspace, count: int) -> None:
        self._workspace = workspace
        self._count = count
        self._listeners: list[Changed] = []
        self._changed = threading.Condition()
        self._holds: dict[str, tuple[str, JobHold]] = {}
        self._asked: dict[str, tuple[str, Mapping[str, str]]] = {}  # spans and ids of who asked
        self._worked = {stage: Worked() for stage in STAGES}
        self._threads = 0
        self._closed = False
        self._news = False
        self._thread = threading.Thread(target=self._keep, name="workers", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def listen(self, changed: Changed) -> None:
        """Have *changed* called whenever a job changes here."""
        self._listeners.append(changed)

    @property
    def places(self) -> int:
        """Jobs at a time."""
        return self._count

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the jobs that are worked on here."""
        return tuple(self._holds)

    def progress(self, job_id: str) -> tuple[str, float] | None:
        """The stage that a job is at and how much of it is done; ``None`` if others work on it."""
        _owner, hold = self._holds.get(job_id, ("", None))
        return None if hold is None else hold.progress

    def shares(self, job_id: str) -> Mapping[str, float]:
        """How much of each stage of a job is done; nothing if others work on it."""
        _owner, hold = self._holds.get(job_id, ("", None))
        return {} if hold is None else hold.shares

    def heard(self, job_id: str) -> Sequence[Heard]:
        """What was recognised of a job so far; nothing if others work on it, whose rows say it."""
        _owner, hold = self._holds.get(job_id, ("", None))
        return () if hold is None else hold.heard

    def worked(self) -> Mapping[str, Worked]:
        """What stages have done here, by stage."""
        return self._worked

    def submit(self, request: JobRequest) -> None:
        """Look for jobs now; the oldest comes first."""
        if len(self._asked) < _MOST_ASKED:
            self._asked[request.id] = (current_trace(), current_ids())
        self.wake()

    def wake(self) -> None:
        """Look for jobs now."""
        with self._changed:
            self._news = True
            self._changed.notify_all()

    def cancel(self, job_id: str) -> None:
        """Stop a job at its next step, if it is worked on here."""
        _owner, hold = self._holds.get(job_id, ("", None))
        if hold is not None:
            hold.stop.set()

    def stop(self, drain: float) -> None:
        """Begin no more; wait up to *drain* seconds for those that have begun, and queue the rest
        again, for another process or the next start.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._wait_for_end(drain)
        for job_id, (owner, hold) in list(self._holds.items()):
            self._give_back(job_id, owner)
            hold.stop.set()
        self._wait_for_end(_LET_GO)

    def _wait_for_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._threads and time.monotonic() < deadline:
            time.sleep(_UNQUEUED)

    def _give_back(self, job_id: str, owner: str) -> None:
        try:
            self._workspace.queue.give_back(job_id, owner)
        except StoreError as error:
            _log.warning("job %s goes on once its lease is over: %s", job_id, error)

    def _keep(self) -> None:
        """Take jobs while there is room, until the end."""
        looked = -_TAKE_BACK
        while not self._closed:
            try:
                if time.monotonic() - looked >= _TAKE_BACK:
                    looked = time.monotonic()
                    self._workspace.queue.take_back()
                self._take_some()
            except StoreError as error:
                _log.warning("the queue is not read: %s", error)
            with self._changed:
                if not self._news and not self._closed:
                    self._changed.wait(_LOOK)
                self._news = False

    def _take_some(self) -> None:
        while not self._closed and self._threads < self._count:
            owner = new_owner()
            taken = self._workspace.queue.take(owner)
            if taken is None:
                return
            with self._changed:
                self._threads += 1
            name = f"job-{taken.request.id}"
            work = threading.Thread(target=self._do, args=(taken, owner), name=name, daemon=True)
            work.start()

    def _do(self, taken: Taken, owner: str) -> None:
        give_way()
        request = taken.request
        asked, ids = self._asked.pop(request.id, ("", {}))
        with bound(**{**ids, "job": request.id}), span("job", asked):
            self._do_bound(taken, owner)

    def _do_bound(self, taken: Taken, owner: str) -> None:
        request = taken.request
        try:
            self._run(taken, owner)
        except TraxError as error:
            _log.info("the job failed: %s", error)
        except Exception:  # noqa: BLE001 - the edge of one job: the next must go on
            _log.exception("the job failed")
        finally:
            self._holds.pop(request.id, None)
            with self._changed:
                self._threads -= 1
                self._news = True
                self._changed.notify_all()
            self._tell(request.id, is_over=True)

    def _count_event(self, event: Event) -> None:
        """Count what a stage has done."""
        match event:
            case Finished(run):
                worked = self._worked.setdefault(run.stage, Worked())
                with self._changed:
                    worked.count(run)
            case Failed(stage, _error):
                with self._changed:
                    self._worked.setdefault(stage, Worked()).failures += 1

    def _tell(self, job_id: str, *, is_over: bool = False) -> None:
        for changed in self._listeners:
            changed(job_id, is_over)

    def _run(self, taken: Taken, owner: str) -> None:
        request = taken.request
        pipeline = PIPELINES[request.pipeline]
        job = Job(request=request, options=pipeline.options())
        changed = partial(self._tell, request.id)
        with reporting(self._count_event):
            hold = JobHold(self._workspace, job, owner, taken.attempt, changed)
        self._holds[request.id] = (owner, hold)
        with held(hold):
            options = pipeline.options.model_validate(request.options)
            run_stages(pipeline, self._workspace, replace(job, options=options))
