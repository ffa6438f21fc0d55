"""Jobs run again, as many as somebody may."""

from collections.abc import Iterator, Sequence

from trax.service import serving
from trax.service.access import Caller
from trax.service.folders import seen
from trax.service.jobs import UNFINISHED
from trax.service.serving import Service
from trax.store import JobRecord
from trax.store.sight import may

_MOST = 10_000


def retry_those(service: Service, caller: Caller, references: Sequence[str]) -> list[JobRecord]:
    """Queue jobs again; without *references* every one that did not succeed and that *caller* may
    change.

    Raises:
        NotFound: they see no such job.
        AccessDenied: they may not change one.
        InvalidOption: one is queued or being worked on.
        TooManyRequests: one is more than its owner may have; those before it are queued.
    """
    workspace = service.workspace
    chosen = [seen(workspace, caller, "job", each, "editor") for each in references]
    chosen = chosen or list(_unfinished(service, caller))
    return [serving.retry(service, caller, each) for each in chosen]


def _unfinished(service: Service, caller: Caller) -> Iterator[str]:
    workspace, sight = service.workspace, caller.sight
    for job in workspace.jobs.newest(UNFINISHED, _MOST, sight=sight):
        if sight.is_whole or may(workspace.folders.role_in_job(job.id, sight), "editor"):
            yield job.id
