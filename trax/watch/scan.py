"""One look into a watched folder: what is whole is submitted, what has ended is put away.

Everything that is known is in the database before something is done that depends on it, and each
step may be done twice: a watcher that is killed anywhere goes on where it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from trax.errors import InputError, StoreUnavailable
from trax.export import FORMATS
from trax.pipelines.runs import LIVING, Runs, RunState
from trax.pipelines.transcribe import identify
from trax.stages.options import TranscribeOptions
from trax.store import JobRecord, JobStatus, WatchedFile, WatchedState
from trax.watch.places import Entry, Outcome, Place
from trax.watch.rules import options_for
from trax.work.workspace import Workspace

_STOPPED = (JobStatus.FAILED, JobStatus.CANCELLED)


@dataclass(slots=True)
class Look:
    """What one look found and did, by path."""

    growing: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    working: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be done or waited for."""
        return not (self.growing or self.submitted or self.working or self.held)

    def __str__(self) -> str:
        parts = {
            "growing": self.growing,
            "submitted": self.submitted,
            "in work": self.working,
            "done": self.done,
            "failed": self.failed,
            "held back": self.held,
        }
        return (
            ", ".join(f"{len(paths)} {name}" for name, paths in parts.items() if paths)
            or "nothing new"
        )


class Watcher:
    """Looks into one place, again and again.

    Args:
        quiet: seconds for which size and time must stay the same, from one look to another, until a
            file is whole.
    """

    def __init__(self, workspace: Workspace, place: Place, runs: Runs, quiet: float = 10.0) -> None:
        self._workspace, self._place, self._runs, self._quiet = workspace, place, runs, quiet

    def look(self) -> Look:
        """Look once.

        Raises:
            StoreUnavailable: the place or the database cannot be reached.
            InvalidOption: there is no such place.
        """
        found, repository = Look(), self._workspace.watched
        entries = {entry.path: entry for entry in self._place.entries()}
        known = repository.unfinished(self._place.name)
        repository.forget(
            self._place.name, [path for path, file in known.items() if _is_gone(file, entries)]
        )
        self._settle(
            [file for file in known.values() if file.state is WatchedState.SUBMITTED],
            entries,
            found,
        )
        stamps = {file.stamp: file for file in known.values()}
        opened = [entry for entry in entries.values() if _is_open(known.get(entry.path), entry)]
        fresh = [self._seen(entry, known.get(entry.path), stamps) for entry in opened]
        repository.put(file for file in fresh if file != known.get(file.path))
        self._submit([file for file in fresh if self._is_whole(file, entries[file.path])], found)
        whole = {*found.submitted, *found.held, *found.failed, *found.done, *found.working}
        found.growing += [file.path for file in fresh if file.path not in whole]
        return found

    def _seen(
        self, entry: Entry, before: WatchedFile | None, stamps: Mapping[str, WatchedFile]
    ) -> WatchedFile:
        """A file that may still grow; one that only got another name was seen before."""
        if before is not None and before.stamp == entry.stamp:
            return before
        renamed = stamps.get(entry.stamp)
        new = WatchedFile(
            folder=self._place.name, path=entry.path, stamp=entry.stamp, state=WatchedState.SEEN
        )
        return replace(new, seen_at=renamed.seen_at) if renamed else new

    def _is_whole(self, file: WatchedFile, entry: Entry) -> bool:
        if entry.whole is not None:
            return entry.whole
        return (datetime.now(UTC) - file.seen_at).total_seconds() >= self._quiet

    def _submit(self, files: list[WatchedFile], found: Look) -> None:
        options: dict[PurePosixPath, TranscribeOptions | str] = {}
        for file in files:
            folder = PurePosixPath(file.path).parent
            if folder not in options:
                options[folder] = self._options(folder)
            chosen = options[folder]
            if isinstance(chosen, str):
                self._hold(file, chosen, found)
            else:
                self._submit_one(file, chosen, found)

    def _options(self, folder: PurePosixPath) -> TranscribeOptions | str:
        """The options of a folder's recordings, or what is wrong with its rules."""
        try:
            return options_for(self._place, folder)
        except InputError as error:
            return str(error)

    def _submit_one(self, file: WatchedFile, options: TranscribeOptions, found: Look) -> None:
        recording = self._place.uri(file.path)
        try:
            job = identify(self._workspace, recording, options)
        except InputError as error:
            self._put_away(
                file, "failed", {".txt": _explained(file, str(error))}, str(error), found
            )
            return
        record = self._workspace.jobs.known([job.id]).get(job.id)
        attempts = _ended_attempts(record)
        key = f"{self._place.name}/{job.id}/{attempts}/{file.submissions}"
        done = record is not None and record.status is JobStatus.COMPLETED
        try:
            run = file.run if done else self._runs.submit(recording, options, key)
        except StoreUnavailable as error:
            self._hold(file, str(error), found)
            return
        file = replace(
            file,
            state=WatchedState.SUBMITTED,
            job_id=job.id,
            run=run,
            attempts=attempts,
            submissions=file.submissions + 1,
            reason="",
        )
        self._workspace.watched.put([file])
        found.submitted.append(file.path)

    def _hold(self, file: WatchedFile, reason: str, found: Look) -> None:
        self._workspace.watched.put([replace(file, state=WatchedState.HELD, reason=reason)])
        found.held[file.path] = reason

    def _settle(self, files: list[WatchedFile], entries: Mapping[str, Entry], found: Look) -> None:
        """Put away what has ended; what was changed meanwhile is another recording."""
        records = self._workspace.jobs.known({file.job_id for file in files})
        open_runs = [file.run for file in files if not _has_ended(file, records.get(file.job_id))]
        states = self._runs.states(open_runs)
        for file in files:
            if file.path not in entries or entries[file.path].stamp == file.stamp:
                self._settle_one(
                    file, records.get(file.job_id), states.get(file.run, LIVING), found
                )

    def _settle_one(
        self, file: WatchedFile, record: JobRecord | None, run: RunState, found: Look
    ) -> None:
        if record is not None and record.status is JobStatus.COMPLETED:
            self._put_away(file, "done", self._exports(record), "", found)
        elif _has_ended(file, record) and record is not None:
            reason = str((record.error or {}).get("error", "")) or f"the job was {record.status}"
            self._put_away(
                file, "failed", {".txt": _explained(file, reason, record.id)}, reason, found
            )
        elif run.kind == "living":
            found.working.append(file.path)
        elif run.reason:
            self._put_away(
                file, "failed", {".txt": _explained(file, run.reason)}, run.reason, found
            )
        else:  # nobody will go on with it: it is submitted again
            self._workspace.watched.put([replace(file, state=WatchedState.SEEN)])
            found.growing.append(file.path)

    def _exports(self, record: JobRecord) -> dict[str, bytes]:
        transcript = self._workspace.repository.get(record.transcript_id or "")
        return {f".{name}": FORMATS[name].render(transcript) for name in record.options["formats"]}

    def _put_away(
        self,
        file: WatchedFile,
        outcome: Outcome,
        files: Mapping[str, bytes],
        reason: str,
        found: Look,
    ) -> None:
        try:
            place = self._place.put_away(file.path, outcome, files)
        except StoreUnavailable as error:
            self._hold(file, str(error), found)
            return
        if file.job_id:
            self._workspace.jobs.moved(file.job_id, place)
        self._workspace.watched.put(
            [replace(file, state=WatchedState(outcome), reason=reason, place=place)]
        )
        if outcome == "done":
            found.done.append(file.path)
        else:
            found.failed[file.path] = reason


def _is_gone(file: WatchedFile, entries: Mapping[str, Entry]) -> bool:
    """Whether somebody took a file away before it was submitted."""
    return file.state is not WatchedState.SUBMITTED and file.path not in entries


def _is_open(known: WatchedFile | None, entry: Entry) -> bool:
    """Whether an entry is still to be submitted: it is new, or has changed since."""
    return known is None or known.state is not WatchedState.SUBMITTED or known.stamp != entry.stamp


def _has_ended(file: WatchedFile, record: JobRecord | None) -> bool:
    """Whether a file's job has ended, well or badly, since the file was submitted."""
    if record is None:
        return False
    return record.status is JobStatus.COMPLETED or (
        record.status in _STOPPED and record.attempts > file.attempts
    )


def _ended_attempts(record: JobRecord | None) -> int:
    """How many attempts at a job have ended."""
    if record is None:
        return 0
    return record.attempts - (record.status in (JobStatus.RUNNING, JobStatus.LOST))


def _explained(file: WatchedFile, reason: str, job_id: str = "") -> bytes:
    """What the text beside a failed recording says."""
    name = PurePosixPath(file.path).name
    lines = [f"{name} was not transcribed.", "", reason, ""]
    if job_id:
        lines.append(f"More: trax jobs show {job_id}")
    lines.append(f"To try again, put it back as {file.path}.")
    return ("\n".join(lines) + "\n").encode()
