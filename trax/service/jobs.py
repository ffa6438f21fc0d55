"""Jobs: which there are, and those to retry."""

from collections.abc import Sequence

from trax.store import JobRecord, JobRepository, JobStatus

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
