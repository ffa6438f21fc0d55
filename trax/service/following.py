"""Jobs as somebody follows them, look after look."""

from collections.abc import Sequence
from dataclasses import dataclass

from trax.progress import Heard
from trax.service.forecast import Expected
from trax.service.serving import Service, ahead, expected, get, with_progress
from trax.store import JobEvent, JobRecord, JobStatus


@dataclass(frozen=True, slots=True)
class Look:
    """A job and what has happened to it since somebody looked.

    Attributes:
        ahead: how many jobs wait before it, while it is queued.
        expected: when it will have ended; ``None`` if nobody can say.
        heard: what was recognised since.
    """

    job: JobRecord
    events: list[JobEvent]
    ahead: int = 0
    expected: Expected | None = None
    heard: Sequence[Heard] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody has seen of a job.

    Attributes:
        event: the id of the newest event.
        attempt: which time work on it had begun.
        passages: how many they know of what was recognised then.
    """

    event: int = 0
    attempt: int = 0
    passages: int = 0

    def and_then(self, look: Look) -> "Seen":
        """What they have seen after a look."""
        event = look.events[-1].id if look.events else self.event
        before = self.passages if look.job.attempts == self.attempt else 0
        return Seen(event, look.job.attempts, before + len(look.heard))


def look(service: Service, job_id: str, seen: Seen) -> Look:
    """How a job stands, and what has happened since somebody looked; nothing that led to how it
    stands is missing.

    Raises:
        NotFound: there is no such job.
    """
    job = with_progress(service, get(service, job_id))
    events = service.workspace.jobs.events(job.id, seen.event)
    first = seen.passages if job.attempts == seen.attempt else 0
    heard = _heard(service, job, first)
    return Look(job, events, ahead(service, job), expected(service, job), heard)


def _heard(service: Service, job: JobRecord, first: int) -> Sequence[Heard]:
    """What was recognised of a job, wherever it is worked on, from that passage on."""
    if job.status is not JobStatus.RUNNING:
        return ()
    if service.workers.progress(job.id) is not None:
        return service.workers.heard(job.id)[first:]
    return service.workspace.jobs.heard(job.id, first)
