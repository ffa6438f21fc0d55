"""A service of the same data folder: found by others, and given their recordings."""

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from trax.errors import DamagedObject, InvalidOption
from trax.pipelines.transcribe import JobResult, identify, job_result
from trax.progress import Event, Finished, Noted, StageRun, Started, is_stopped, report
from trax.service.serving import failure_of
from trax.service.submission import with_folder_choices
from trax.stages.options import TranscribeOptions
from trax.stages.publish import PUBLISH
from trax.store import JobEvent, JobRecord, JobStatus
from trax.store.job_values import ENDED
from trax.work.recordings import is_file, located
from trax.work.values import Job, StageResult
from trax.work.workspace import Workspace

_FILE = "service.address"
_NOT_BEGUN = (JobStatus.QUEUED, JobStatus.LOST)
_POLL = 0.1  # seconds between looks at a job
_GONE = 2.0  # seconds between looks at whether the service is still there


@contextmanager
def announced(home: Path, address: str) -> Iterator[None]:
    """Let others find the service that answers at *address*, while the block runs and its process
    lives. The first of several is found.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / _FILE).open("a+", encoding="utf-8") as file:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
            file.write(address)
            file.flush()
        yield


def neighbour(home: Path) -> str | None:
    """The address of the service that runs in the data folder *home*; ``None`` if none does."""
    try:
        with (home / _FILE).open("r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read() or None
    except OSError:
        return None
    return None


def send(
    workspace: Workspace, home: Path, source: str, options: TranscribeOptions
) -> JobResult | None:
    """Have the service in *home* transcribe a recording, and report how it goes; ``None`` if the
    service ended before it could begin.

    Raises:
        TraxError: what went wrong; finished stages are kept.
        Cancelled: it was stopped, here or elsewhere.
    """
    place = located(source)
    if is_file(place):
        options = with_folder_choices(options, Path(place))
    job = identify(workspace, place, options)
    last = _newest_event(workspace, job)
    if not workspace.queue.put(job.request):
        workspace.queue.put_again(job.id)  # it may have been made by other models
    ended = _followed(workspace, home, job, last)
    if ended is None:
        return None
    if ended.status is not JobStatus.COMPLETED:
        raise failure_of(ended)
    return _result(workspace, job, workspace.jobs.stage_runs(job.id))


def _newest_event(workspace: Workspace, job: Job[TranscribeOptions]) -> int:
    events = workspace.jobs.events(job.id)
    return events[-1].id if events else 0


def _followed(
    workspace: Workspace, home: Path, job: Job[TranscribeOptions], last: int
) -> JobRecord | None:
    """The job once it has ended; ``None`` if nobody begins it."""
    asked = False
    looked = time.monotonic()
    while True:
        record = workspace.jobs.known([job.id])[job.id]
        for event in workspace.jobs.events(job.id, last):
            last = event.id
            _pass_on(workspace, job, event)
        if record.status in ENDED:
            return record
        if is_stopped() and not asked:
            asked = True
            with suppress(InvalidOption):  # it has ended in this moment
                workspace.jobs.cancel(job.id)
        if record.status in _NOT_BEGUN and time.monotonic() - looked > _GONE:
            looked = time.monotonic()
            if neighbour(home) is None:
                return None
        time.sleep(_POLL)


def _pass_on(workspace: Workspace, job: Job[TranscribeOptions], event: JobEvent) -> None:
    """Report what happened to the job as if it happened here."""
    told = _reported(workspace, job, event)
    if told is not None:
        report(told)


def _reported(workspace: Workspace, job: Job[TranscribeOptions], event: JobEvent) -> Event | None:
    if event.kind == "started":
        return Started(event.text)
    if event.kind == "noted":
        return Noted(event.text)
    if event.kind != "finished":
        return None
    stage = event.text.partition(":")[0]
    runs = [run for run in workspace.jobs.stage_runs(job.id) if run.stage == stage]
    return Finished(runs[0]) if runs else None


def _result(
    workspace: Workspace, job: Job[TranscribeOptions], runs: Sequence[StageRun]
) -> JobResult:
    """What a job has left.

    Raises:
        DamagedObject: it is no longer kept.
    """
    keys = {run.stage: run.key for run in runs}
    published = workspace.checkpoints.find(PUBLISH.name, keys[PUBLISH.name])
    if published is None:
        raise DamagedObject(f"checkpoints/{PUBLISH.name}", "what the job has made is gone")
    results = {run.stage: StageResult(outputs={}, run=run) for run in runs}
    results[PUBLISH.name] = replace(results[PUBLISH.name], outputs=published.outputs)
    return job_result(workspace, job, results)
