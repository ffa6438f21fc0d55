"""Jobs: which there are, what happens to them, those to retry, and cancelling."""

import time
from collections.abc import Iterator, Sequence

from trax.store import JobEvent, JobRecord, JobRepository, JobStatus
from trax.store.job_values import ENDED

UNFINISHED = (JobStatus.FAILED, JobStatus.LOST, JobStatus.CANCELLED)
"""How jobs stand that can be retried."""

_MOST = 10_000


def to_retry(jobs: JobRepository, references: Sequence[str] = ()) -> list[JobRecord]:
    """The jobs that *references* name; every unfinished one, newest first, if none are named.

    Raises:
        NotFound: there is no such job.
        InvalidOption: several ids begin with a reference.
    """
    if references:
        return [jobs.get(reference) for reference in references]
    return jobs.newest(UNFINISHED, _MOST)


def cancel(jobs: JobRepository, references: Sequence[str]) -> list[JobRecord]:
    """Ask for jobs to be cancelled.

    One that nobody works on is cancelled at once; another stops with the next sign of life of the
    process that works on it, and keeps its finished stages.

    Raises:
        NotFound: there is no such job; none is cancelled.
        InvalidOption: several ids begin with a reference, or a job has ended already.
    """
    found = [jobs.get(reference) for reference in references]
    return [jobs.cancel(job.id) for job in found]


def follow(jobs: JobRepository, reference: str, poll: float = 1.0) -> Iterator[JobEvent]:
    """What happens to a job, from its first event on, until nobody works on it any more.

    Args:
        poll: seconds between looks.

    Raises:
        NotFound: there is no such job.
        InvalidOption: several ids begin with *reference*.
    """
    job_id = jobs.get(reference).id
    last = 0
    while True:
        over = jobs.get(job_id).status in (*ENDED, JobStatus.LOST)
        for event in jobs.events(job_id, after=last):
            last = event.id
            yield event
        if over:
            return
        time.sleep(poll)
