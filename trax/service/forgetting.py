"""Recordings whose sound is to be kept no longer. Transcripts stay."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from trax.errors import InvalidOption
from trax.pipelines.adapt import ADAPT
from trax.service.borrowed import references_in
from trax.stages.gather import GATHER
from trax.stages.taught import forget_taught, gathered
from trax.store import JobStatus, ObjectRef, RecordingRecord
from trax.store.audit import AuditEntry, add_entry, entries_since
from trax.store.checkpoints import KeptCheckpoint, own_sound
from trax.work.recordings import UPLOADS
from trax.work.workspace import Workspace

FORGOTTEN = "recording.forgotten"
"""What the audit log says of a recording whose sound is to be kept nowhere any more: each machine
that has some of it for itself drops it when it sees this.
"""


def forgotten_since(workspace: Workspace, since: datetime) -> list[AuditEntry]:
    """Entries about recordings that were forgotten from a moment on, oldest first."""
    with workspace.database.reading() as session:
        return entries_since(session, FORGOTTEN, since)


def forget_sound(workspace: Workspace, recording: RecordingRecord) -> list[str]:
    """Remove what is kept of a recording's sound, results that refer to it or hold parts of it,
    weights that training learnt from it, and recordings of voices that were handed in to speak in
    it; give the keys.

    Its transcripts stay. A file that the recording was read from, and objects of other buckets,
    are not ours and stay, too.

    Raises:
        InvalidOption: somebody works on it.
    """
    _check_unused(workspace, recording)
    sha256 = recording.sha256
    with workspace.database.writing() as session:
        add_entry(session, FORGOTTEN, sha256)
    found = list(workspace.checkpoints.all())
    results = [each for each in found if each.checkpoint and each.checkpoint.recording == sha256]
    gone = [*_sound(workspace, sha256), *_sound_of(results)]
    for kept in results:
        if kept.checkpoint and _refers(kept.checkpoint.outputs.values(), gone):
            workspace.checkpoints.remove(kept)
    gone += forget_taught(workspace, sha256)
    gone += references_in(workspace, sha256)
    for key in gone:
        with workspace.database.writing() as session:
            add_entry(session, "object.removed", key, reason="recording forgotten")
        workspace.objects.delete(key)
    return gone


def _sound(workspace: Workspace, sha256: str) -> Iterator[str]:
    for prefix in (f"recordings/{sha256}/", f"{UPLOADS}{sha256}/"):
        for found in workspace.objects.list(prefix):
            yield found.key


def _check_unused(workspace: Workspace, recording: RecordingRecord) -> None:
    """Refuse a recording that a job reads or an adapter is being made of.

    Raises:
        InvalidOption: somebody works on it.
    """
    if recording.sha256 in workspace.jobs.recordings_in_work():
        raise InvalidOption(f"{recording.name} is being worked on; cancel its jobs first")
    examples = {
        kept.checkpoint.key for kept in gathered(workspace, recording.sha256) if kept.checkpoint
    }
    for job in workspace.jobs.of_pipeline(ADAPT.name):
        if job.status is JobStatus.RUNNING and _read(workspace, job.id) & examples:
            raise InvalidOption(
                f"{job.name} is learning from {recording.name}; cancel its job first"
            )


def _read(workspace: Workspace, job_id: str) -> set[str]:
    """The keys of the examples that a job has gathered."""
    runs = workspace.jobs.stage_runs(job_id)
    return {run.key for run in runs if run.stage == GATHER.name}


def _sound_of(results: Iterable[KeptCheckpoint]) -> list[str]:
    """Sound that stages made of a recording: voices taken out of it, and it with other voices."""
    made = [own_sound(each.checkpoint) for each in results if each.checkpoint]
    return sorted(set().union(*made))


def _refers(outputs: Iterable[ObjectRef], keys: list[str]) -> bool:
    names = set(keys)
    return any(each.key in names for each in outputs)
