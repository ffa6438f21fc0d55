"""Watches one place: submits recordings that are whole, puts away those that have ended.

Everything known is in the database before anything is done that depends on it, and each step may
be done twice: a watcher that is killed at any point continues where it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from trax.errors import InputError, StoreUnavailable
from trax.pipelines.runs import Runs
from trax.pipelines.transcribe import identify
from trax.stages.options import TranscribeOptions
from trax.store import JobRecord, JobStatus, WatchedFile, WatchedState
from trax.watch.look import Look
from trax.watch.places import Entry, Place
from trax.watch.rules import options_for
from trax.watch.settling import Settler
from trax.work.workspace import Workspace

_UNFINISHED = (JobStatus.RUNNING, JobStatus.LOST)


class Watcher:
    """Looks into one place, again and again.

    Args:
        quiet: seconds for which size and time must stay the same, from one look to another, until
            a file is whole.
        details: a line for the text beside a failed recording that says where more is known of its
            job; ``{job}`` is the job's id.
    """

    def __init__(
        self,
        workspace: Workspace,
        place: Place,
        runs: Runs,
        quiet: float = 10.0,
        details: str = "Job: {job}",
    ) -> None:
        self._workspace = workspace
        self._place = place
        self._runs = runs
        self._quiet = quiet
        self._settler = Settler(workspace, place, runs, details)

    def look(self) -> Look:
        """Look once.

        Raises:
            StoreUnavailable: the place or the database cannot be reached.
            InvalidOption: there is no such place.
        """
        found = Look()
        repository = self._workspace.watched
        entries = {entry.path: entry for entry in self._place.entries()}
        known = repository.unfinished(self._place.name)
        gone = [path for path, file in known.items() if _is_gone(file, entries)]
        repository.forget(self._place.name, gone)
        submitted = [file for file in known.values() if file.state is WatchedState.SUBMITTED]
        self._settler.settle(submitted, entries, found)
        fresh = self._fresh(entries.values(), known)
        repository.put(file for file in fresh if file != known.get(file.path))
        self._submit([file for file in fresh if self._is_whole(file, entries[file.path])], found)
        whole = {*found.submitted, *found.held, *found.failed, *found.done, *found.working}
        growing = [file for file in fresh if file.path not in whole]
        found.growing += [file.path for file in growing]
        found.resting |= {file.path for file in growing if self._rests(file, entries[file.path])}
        return found

    def _fresh(
        self, entries: Iterable[Entry], known: Mapping[str, WatchedFile]
    ) -> list[WatchedFile]:
        """Files that are still to be submitted, with the time at which each was first seen."""
        stamps = {file.stamp: file for file in known.values()}
        fresh = []
        for entry in entries:
            before = known.get(entry.path)
            if _is_open(before, entry):
                fresh.append(self._seen(entry, before, stamps))
        return fresh

    def _seen(
        self, entry: Entry, before: WatchedFile | None, stamps: Mapping[str, WatchedFile]
    ) -> WatchedFile:
        """A file that may still grow; one that was only renamed keeps its time."""
        if before is not None and before.stamp == entry.stamp:
            return before
        new = WatchedFile(
            folder=self._place.name, path=entry.path, stamp=entry.stamp, state=WatchedState.SEEN
        )
        renamed = stamps.get(entry.stamp)
        return replace(new, seen_at=renamed.seen_at) if renamed else new

    def _is_whole(self, file: WatchedFile, entry: Entry) -> bool:
        return self._is_quiet(file) if entry.whole is None else entry.whole

    def _rests(self, file: WatchedFile, entry: Entry) -> bool:
        """Whether a file whose name says that it is unfinished has not changed for a while."""
        return entry.whole is False and self._is_quiet(file)

    def _is_quiet(self, file: WatchedFile) -> bool:
        return (datetime.now(UTC) - file.seen_at).total_seconds() >= self._quiet

    def _submit(self, files: list[WatchedFile], found: Look) -> None:
        options: dict[PurePosixPath, TranscribeOptions | str] = {}
        for file in files:
            folder = PurePosixPath(file.path).parent
            if folder not in options:
                options[folder] = self._options(folder)
            chosen = options[folder]
            if isinstance(chosen, str):
                self._settler.hold(file, chosen, found)
                found.refused.add(file.path)
            else:
                self._submit_one(file, chosen, found)

    def _options(self, folder: PurePosixPath) -> TranscribeOptions | str:
        """The options for a folder's recordings, or what is wrong with its rules."""
        try:
            return options_for(self._place, folder)
        except InputError as error:
            return str(error)

    def _submit_one(self, file: WatchedFile, options: TranscribeOptions, found: Look) -> None:
        recording = self._place.uri(file.path)
        try:
            job = identify(self._workspace, recording, options)
        except InputError as error:
            self._settler.fail(file, str(error), found)
            return
        record = self._workspace.jobs.known([job.id]).get(job.id)
        attempts = _ended_attempts(record)
        run = file.run
        if record is None or record.status is not JobStatus.COMPLETED:
            key = f"{self._place.name}/{job.id}/{attempts}/{file.submissions}"
            try:
                run = self._runs.submit(recording, options, key)
            except StoreUnavailable as error:
                self._settler.hold(file, str(error), found)
                return
        submitted = replace(
            file,
            state=WatchedState.SUBMITTED,
            job_id=job.id,
            run=run,
            attempts=attempts,
            submissions=file.submissions + 1,
            reason="",
        )
        self._workspace.watched.put([submitted])
        found.submitted.append(file.path)


def _is_gone(file: WatchedFile, entries: Mapping[str, Entry]) -> bool:
    """Whether a file was taken away before it was submitted."""
    return file.state is not WatchedState.SUBMITTED and file.path not in entries


def _is_open(known: WatchedFile | None, entry: Entry) -> bool:
    """Whether an entry is still to be submitted: it is new, or has changed since."""
    if known is None or known.state is not WatchedState.SUBMITTED:
        return True
    return known.stamp != entry.stamp


def _ended_attempts(record: JobRecord | None) -> int:
    """The number of attempts at a job that have ended."""
    if record is None:
        return 0
    return record.attempts - (record.status in _UNFINISHED)
