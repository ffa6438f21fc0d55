"""Puts recordings away when their jobs have ended, and keeps what is known of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from trax.errors import StoreUnavailable
from trax.export import FORMATS
from trax.pipelines.runs import LOST, Runs, RunState
from trax.store import JobRecord, JobStatus, WatchedFile, WatchedState
from trax.watch.look import Look
from trax.watch.places import Entry, Outcome, Place
from trax.work.workspace import Workspace


class Settler:
    """Puts away the recordings of one place.

    Args:
        details: a line that says where more is known of a failed job; ``{job}`` is its id.
    """

    def __init__(self, workspace: Workspace, place: Place, runs: Runs, details: str) -> None:
        self._workspace = workspace
        self._place = place
        self._runs = runs
        self._details = details

    def settle(self, files: list[WatchedFile], entries: Mapping[str, Entry], found: Look) -> None:
        """Put away those of *files* whose jobs have ended.

        A file that has changed since it was submitted is another recording, and stays.
        """
        records = self._workspace.jobs.known({file.job_id for file in files})
        undone = [file for file in files if not _is_done(records.get(file.job_id))]
        states = self._runs.states([file.run for file in undone])
        for file in files:
            entry = entries.get(file.path)
            if entry is None or entry.stamp == file.stamp:
                run = states.get(file.run, LOST)
                self._settle_one(file, records.get(file.job_id), run, found)

    def fail(self, file: WatchedFile, reason: str, found: Look, job_id: str = "") -> None:
        """Put a recording away as failed, with a text that says why."""
        details = self._details.format(job=job_id) if job_id else ""
        text = explanation(file, reason, details)
        self._put_away(file, "failed", {".txt": text}, reason, found)

    def hold(self, file: WatchedFile, reason: str, found: Look) -> None:
        """Leave a recording where it is until *reason* is gone."""
        held = replace(file, state=WatchedState.HELD, reason=reason)
        if held != file:  # so that the time of its last change is one
            self._workspace.watched.put([held])
        found.held[file.path] = reason

    def _settle_one(
        self, file: WatchedFile, record: JobRecord | None, run: RunState, found: Look
    ) -> None:
        if record is not None and _is_done(record):
            self._put_away(file, "done", self._exports(record), "", found)
        elif run.kind == "living":  # it may try again what has failed
            found.working.append(file.path)
        elif record is not None and _has_failed(file, record):
            error = record.error or {}
            reason = str(error.get("error", "")) or f"the job was {record.status}"
            self.fail(file, reason, found, record.id)
        elif run.reason:
            self.fail(file, run.reason, found, record.id if record else "")
        else:  # nobody will continue it: it is submitted again
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
            self.hold(file, str(error), found)
            return
        if file.job_id:
            self._workspace.jobs.moved(file.job_id, place)
        settled = replace(file, state=WatchedState(outcome), reason=reason, place=place)
        self._workspace.watched.put([settled])
        if outcome == "done":
            found.done.append(file.path)
        else:
            found.failed[file.path] = reason


def _is_done(record: JobRecord | None) -> bool:
    return record is not None and record.status is JobStatus.COMPLETED


def _has_failed(file: WatchedFile, record: JobRecord) -> bool:
    """Whether a file's job has failed since the file was submitted, or somebody cancelled it.

    A job that was only stopped with its process, as all are when a watcher ends, goes on.
    """
    if record.attempts <= file.attempts:
        return False
    if record.status is JobStatus.CANCELLED:
        return record.cancel_requested_at is not None
    return record.status is JobStatus.FAILED


def explanation(file: WatchedFile, reason: str, details: str = "") -> bytes:
    """The text beside a failed recording."""
    name = PurePosixPath(file.path).name
    lines = [f"{name} was not transcribed.", "", reason, ""]
    if details:
        lines.append(details)
    lines.append(f"To try again, put it back as {file.path}.")
    return ("\n".join(lines) + "\n").encode()
