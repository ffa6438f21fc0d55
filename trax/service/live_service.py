"""Live sessions of a service: their recordings become jobs, and decisions go where these lead."""

import logging
import shutil
import time
from pathlib import Path

from trax.errors import Conflict, InputError, TraxError
from trax.live.captions import Captions, captions_of
from trax.live.events import Became, Handed, Noted, Numbered
from trax.live.keeping import Header, Kept, events_of, headers
from trax.live.session import LiveSession
from trax.service.access import SCOPES, Caller
from trax.service.live_endings import carry_into, final_options, recording
from trax.service.live_sessions import LiveRoom
from trax.service.serving import Service, submit
from trax.store import JobRecord, JobStatus
from trax.store.revisions import Author

KEPT = 24 * 3600.0
"""Seconds that a session's words are kept after its transcript was made."""

DONE = "done"
"""Name of a file in the folder of a session for which nothing is left to be done."""

_log = logging.getLogger("trax")


def live_room(service: Service) -> LiveRoom:
    """The live sessions of a service."""

    def ending(session: LiveSession) -> None:
        hand_over(service, session)

    return LiveRoom(service.workspace, service.settings, ending, service.hears)


def hand_over(service: Service, session: LiveSession) -> None:
    """Have a session's recording transcribed."""
    header = session.kept.header
    try:
        upload = recording(service.workspace, session.kept, header.account or "live")
        job = ""
        if upload is not None:
            options = final_options(header.options, session.captions)
            job = submit(service, _caller(header), upload, options).job.id
    except TraxError as error:
        _log.warning("the recording of live session %s is not transcribed: %s", header.id, error)
        session.emit(Noted(kind="problem", text=str(error)))
        job = ""
    session.emit(Handed(job=job))


def settle(service: Service, room: LiveRoom) -> None:
    """Carry decisions into transcripts that were made, and forget sessions that were long ago."""
    for header in headers(room.home):
        folder = room.home / header.id
        if room.is_running(header.id):
            continue
        try:
            if (folder / DONE).exists():
                _forget_if_old(folder)
            else:
                _settle(service, room, header)
        except (OSError, InputError) as error:
            _log.warning("the live session %s is not settled: %s", header.id, error)


def _settle(service: Service, room: LiveRoom, header: Header) -> None:
    """Carry a session's decisions over if its job has ended well."""
    folder = room.home / header.id
    events = list(events_of(folder))
    job_id = next((each.event.job for each in events if isinstance(each.event, Handed)), None)
    if job_id is None:
        return
    if not job_id or isinstance(events[-1].event, Became):
        (folder / DONE).touch()
        return
    job = service.workspace.jobs.known([job_id]).get(job_id)
    if job is not None and job.status is JobStatus.COMPLETED:
        _became(service, room, header, job, events)


def _became(
    service: Service, room: LiveRoom, header: Header, job: JobRecord, events: list[Numbered]
) -> None:
    captions = captions_of(each.event for each in events)
    kept = Kept.open(room.home, header.id)
    try:
        became = _carried(service, header, job, captions)
        kept.add_event(Numbered(events[-1].seq + 1, became))
        kept.sound().unlink(missing_ok=True)
    finally:
        kept.close()


def _carried(service: Service, header: Header, job: JobRecord, captions: Captions) -> Became:
    reference = job.transcript_id or ""
    version = service.workspace.repository.versions(reference)[-1].version
    author = Author(header.account, header.author)
    try:
        found = carry_into(service.workspace, captions, reference, version, author)
    except Conflict as error:
        return Became(transcript=reference, words={}, misfits=(str(error),))
    return Became(transcript=reference, words=found.words, misfits=tuple(found.misfits))


def _forget_if_old(folder: Path) -> None:
    if time.time() - (folder / DONE).stat().st_mtime > KEPT:
        shutil.rmtree(folder, ignore_errors=True)


def _caller(header: Header) -> Caller:
    """Whoever began a session."""
    if not header.account:
        return Caller(id="local", name=header.author, scopes=SCOPES, kind="local")
    return Caller(id=header.account, name=header.author, scopes=frozenset(("jobs",)), kind="user")
