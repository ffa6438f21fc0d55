"""Live sessions of a service: their recordings become jobs, and decisions go where these lead."""

import logging
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trax.errors import Conflict, InputError, InvalidDocument, TooManyRequests, TraxError
from trax.live.captions import Captions, captions_of
from trax.live.events import Became, Handed, Noted, Numbered
from trax.live.keeping import (
    Header,
    Kept,
    events_of,
    forget_session,
    forget_sound,
    headers,
    journal_size,
)
from trax.live.outcome import Outcome
from trax.live.session import LiveSession
from trax.service.access import SCOPES, Caller
from trax.service.allowances import spent
from trax.service.forgetting import forgotten_since
from trax.service.live_endings import carry_into, final_options, recording
from trax.service.live_marks import comment_on_marks
from trax.service.live_sessions import LiveRoom
from trax.service.serving import Service, check_allowed, submit
from trax.store import JobRecord, JobStatus
from trax.store.job_values import ENDED
from trax.store.revisions import Author

KEPT = 24 * 3600.0
"""Seconds that a session's words are kept after its transcript was made."""

AGAIN = 60.0
"""Seconds after which something that failed is tried again."""

_CLOCKS = 600.0  # seconds by which the clocks of services may differ

FORGOTTEN = "forgotten"
"""Name of a file in the folder of a session whose recording is to be kept no longer."""

DONE = "done"
"""Name of a file in the folder of a session for which nothing is left to be done."""

_log = logging.getLogger("trax")


def live_room(service: Service) -> LiveRoom:
    """The live sessions of a service."""

    def ending(session: LiveSession) -> None:
        hand_over(service, session)

    def spent_by(account: str, more: float) -> TooManyRequests | None:
        return spent(service.allowances, service.workspace.jobs, account, more)

    return LiveRoom(service.workspace, service.settings, ending, service.hears, spent_by)


def hand_over(service: Service, session: LiveSession) -> None:
    """Have a session's recording transcribed; if that fails it is tried again later."""
    try:
        job = _job(service, session.kept, session.captions)
    except TraxError as error:
        _log.warning("the recording of live session %s is not transcribed: %s", session.id, error)
        session.emit(Noted(kind="problem", text=str(error)))
        job = ""
    session.emit(Handed(job=job))


def _job(service: Service, kept: Kept, captions: Captions) -> str:
    """The job that reads a session's recording; empty if there is no recording.

    Raises:
        TooManyRequests: its owner may have no more for now; nothing was done for it.
        TraxError: the recording is none, or cannot be kept.
    """
    header = kept.header
    check_allowed(service, _caller(header))  # it is asked for again each minute
    upload = recording(service.workspace, kept, header.account or "live")
    if upload is None:
        return ""
    options = final_options(header.options, captions)
    return submit(service, _caller(header), upload, options).job.id


@dataclass(frozen=True, slots=True)
class _State:
    """What a session's journal says of its end.

    Attributes:
        size_bytes: of the journal.
        is_handed: whether it was tried to have the recording transcribed.
        job: that does so; empty if there is none.
        became: whether a transcript was made.
        is_discarded: whether nothing is to be made of it.
    """

    size_bytes: int
    is_handed: bool = False
    job: str = ""
    became: bool = False
    is_discarded: bool = False


class Settling:
    """Carries decisions into transcripts that were made, tries again what failed, and forgets
    sessions that were long ago.
    """

    def __init__(self, service: Service, room: LiveRoom) -> None:
        self._service = service
        self._room = room
        self._states: dict[str, _State] = {}
        self._tried: dict[str, float] = {}  # when something failed
        self._looked_at = -AGAIN  # when it was looked which recordings were forgotten,
        self._seen = 0.0  # and up to when, in seconds since 1970

    def settle(self) -> None:
        """Do what is due now."""
        known = {header.id: header for header in headers(self._room.home)}
        if time.monotonic() - self._looked_at >= AGAIN:
            self._forget(min((header.began for header in known.values()), default=time.time()))
            self._looked_at = time.monotonic()
        self._states = {name: each for name, each in self._states.items() if name in known}
        for header in known.values():
            is_due = time.monotonic() - self._tried.get(header.id, -AGAIN) >= AGAIN
            if self._room.is_running(header.id) or not is_due:
                continue
            try:
                self._settle(header)
            except (OSError, TraxError) as error:
                self._tried[header.id] = time.monotonic()
                _log.warning("the live session %s is not settled: %s", header.id, error)

    def _forget(self, began: float) -> None:
        """Drop what sessions here have kept of recordings that were forgotten, whichever service
        was told to.

        Args:
            began: when the oldest session did.
        """
        since = datetime.fromtimestamp(max(began, self._seen - _CLOCKS), UTC)
        self._seen = time.time()
        for entry in forgotten_since(self._service.workspace, since):
            forget_recording(self._service, self._room.home, entry.subject)

    def _settle(self, header: Header) -> None:
        folder = self._room.home / header.id
        if (folder / DONE).exists():
            _forget_if_old(folder)
            return
        state = self._state(folder)
        if state.is_discarded:
            Kept.open(self._room.home, header.id).close()  # nobody else works on it
            forget_session(folder)
        elif not state.is_handed:
            return
        elif state.became:
            _done(folder)
        elif state.job:
            forget_sound(folder)  # the job's recording is elsewhere
            self._look_at_job(header, state.job)
        else:
            self._hand_over_again(header)

    def _state(self, folder: Path) -> _State:
        size_bytes = journal_size(folder)
        known = self._states.get(folder.name)
        if known is not None and known.size_bytes == size_bytes:
            return known
        events = [each.event for each in events_of(folder)]
        jobs = [event.job for event in events if isinstance(event, Handed)]
        became = any(isinstance(event, Became) for event in events)
        is_discarded = any(isinstance(each, Noted) and each.kind == "discarded" for each in events)
        job = "".join(jobs[-1:])
        self._states[folder.name] = _State(size_bytes, bool(jobs), job, became, is_discarded)
        return self._states[folder.name]

    def _look_at_job(self, header: Header, job_id: str) -> None:
        job = self._service.workspace.jobs.known([job_id]).get(job_id)
        if job is None:  # it was forgotten, and its words are to be, too
            _done(self._room.home / header.id)
        elif job.status is JobStatus.COMPLETED:
            self._became(header, job)
        elif job.status in ENDED:  # somebody may have it done again
            self._tried[header.id] = time.monotonic()

    def _became(self, header: Header, job: JobRecord) -> None:
        with closing(Kept.open(self._room.home, header.id)) as kept:
            events = list(kept.events())
            captions = captions_of(each.event for each in events)
            became = _carried(self._service, header, job, captions)
            kept.add_event(Numbered(events[-1].seq + 1, became))
        forget_sound(kept.folder)
        _done(kept.folder)

    def _hand_over_again(self, header: Header) -> None:
        """Have the recording transcribed that could not be; what is none is given up."""
        with closing(Kept.open(self._room.home, header.id)) as kept:
            events = list(kept.events())
            captions = captions_of(each.event for each in events)
            try:
                job = _job(self._service, kept, captions)
            except InputError:
                job = ""
            if job:
                kept.add_event(Numbered(events[-1].seq + 1, Handed(job=job)))
            else:
                _done(kept.folder)


def _carried(service: Service, header: Header, job: JobRecord, captions: Captions) -> Became:
    reference = job.transcript_id or ""
    version = service.workspace.repository.versions(reference)[-1].version
    author = Author(header.account, header.author)
    try:
        found = carry_into(service.workspace, captions, reference, version, author)
    except Conflict as error:
        document = service.workspace.repository.get(reference)
        found = Outcome(document=document, words={}, misfits=[str(error)])
    document = found.document
    found.misfits += comment_on_marks(service.workspace, header, captions, reference, document)
    return Became(transcript=reference, words=found.words, misfits=tuple(found.misfits))


def forget_recording(service: Service, home: Path, sha256: str) -> list[str]:
    """Remove what live sessions that became a recording have kept of it: sound at once, words as
    soon as what people decided is in the transcript. Gives the ids of these sessions.
    """
    found = []
    for header in headers(home):
        folder = home / header.id
        job = _job_of(service, folder)
        if job is None or job.recording_sha256 != sha256:
            continue
        found.append(header.id)
        forget_sound(folder)
        (folder / FORGOTTEN).touch()
        if (folder / DONE).exists() or job.status is not JobStatus.COMPLETED:
            forget_session(folder)
    return found


def _job_of(service: Service, folder: Path) -> JobRecord | None:
    """The job that a session's recording was handed to."""
    try:
        jobs = [each.event.job for each in events_of(folder) if isinstance(each.event, Handed)]
    except InvalidDocument:  # one damaged session must not stop the others
        return None
    return service.workspace.jobs.known(jobs[-1:]).get("".join(jobs[-1:]))


def _done(folder: Path) -> None:
    """Note that nothing is left to be done for a session."""
    (folder / DONE).touch()
    if (folder / FORGOTTEN).exists():
        forget_session(folder)


def _forget_if_old(folder: Path) -> None:
    if time.time() - (folder / DONE).stat().st_mtime > KEPT:
        forget_session(folder)


def _caller(header: Header) -> Caller:
    """Whoever began a session."""
    if not header.account:
        return Caller(id="local", name=header.author, scopes=SCOPES, kind="local")
    return Caller(id=header.account, name=header.author, scopes=frozenset(("jobs",)), kind="user")
