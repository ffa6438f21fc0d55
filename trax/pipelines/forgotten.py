"""Voice replacements whose voices are forgotten while they are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trax.errors import InvalidOption
from trax.stages.check import CHECK
from trax.stages.reconstruct import RECONSTRUCT
from trax.stages.replacement import RevoiceOptions
from trax.stages.select import SELECT
from trax.stages.separate import SEPARATE
from trax.stages.synthesise import SYNTHESISE
from trax.store import JobRecord
from trax.store.job_values import has_forgotten
from trax.work.patient import patient
from trax.work.values import Job
from trax.work.workspace import Workspace

FORGOTTEN = (
    "a voice was forgotten that is spoken in or replaced here: the job ended, and what it had made "
    "was removed"
)
"""Why such a job ends."""

_STAGES = tuple(each.name for each in (SELECT, SEPARATE, SYNTHESISE, CHECK, RECONSTRUCT))


def is_forgotten(job: JobRecord) -> bool:
    """Whether a voice of a job was forgotten since."""
    return has_forgotten(job.options)


def remove_results(workspace: Workspace, job_id: str) -> None:
    """Remove what a voice replacement has made itself; what it found made already stays."""
    for stage in _STAGES:
        for kept in list(workspace.checkpoints.all(stage)):
            if kept.checkpoint and kept.checkpoint.job == job_id:
                workspace.checkpoints.remove(kept)


def check_kept(workspace: Workspace, job: Job[Any]) -> None:
    """Check that no voice of a job was forgotten since it began.

    Raises:
        InvalidOption: one was; what the job had made is removed.
    """
    workspace = patient(workspace)
    if _is_over(workspace, job):
        remove_results(workspace, job.id)
        raise InvalidOption(FORGOTTEN)


def _is_over(workspace: Workspace, job: Job[Any]) -> bool:
    """Whether a voice of a job was forgotten."""
    if not isinstance(job.options, RevoiceOptions):
        return False
    record = workspace.jobs.known([job.id]).get(job.id)
    return record is not None and is_forgotten(record)


@contextmanager
def unless_forgotten(workspace: Workspace, job: Job[Any]) -> Iterator[None]:
    """Run a job's stages, unless a voice was forgotten before; raises as `check_kept` does, however
    they end.
    """
    if _is_over(patient(workspace), job):
        raise InvalidOption(FORGOTTEN)
    try:
        yield
    finally:
        check_kept(workspace, job)
