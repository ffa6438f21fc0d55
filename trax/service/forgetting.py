"""Recordings whose sound is to be kept no longer. Transcripts stay."""

from collections.abc import Iterable, Iterator

from trax.errors import InvalidOption
from trax.service.borrowed import references_in
from trax.stages.gather import GATHER
from trax.store import ObjectRef, RecordingRecord
from trax.store.audit import add_entry
from trax.store.checkpoints import KeptCheckpoint, own_sound
from trax.work.recordings import UPLOADS
from trax.work.workspace import Workspace


def forget_sound(workspace: Workspace, recording: RecordingRecord) -> list[str]:
    """Remove what is kept of a recording's sound, results that refer to it or hold parts of it, and
    recordings of voices that were handed in to speak in it; give the keys.

    Its transcripts stay. A file that the recording was read from, and objects of other buckets,
    are not ours and stay, too.

    Raises:
        InvalidOption: somebody works on it.
    """
    sha256 = recording.sha256
    if sha256 in workspace.jobs.recordings_in_work():
        raise InvalidOption(f"{recording.name} is being worked on; cancel its jobs first")
    found = list(workspace.checkpoints.all())
    results = [each for each in found if each.checkpoint and each.checkpoint.recording == sha256]
    gone = [*_sound(workspace, sha256), *_sound_of(results)]
    for kept in results:
        if kept.checkpoint and _refers(kept.checkpoint.outputs.values(), gone):
            workspace.checkpoints.remove(kept)
    for kept in list(_gathered(workspace, sha256)):
        gone += [ref.key for ref in kept.checkpoint.outputs.values()] if kept.checkpoint else []
        workspace.checkpoints.remove(kept)
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


def _gathered(workspace: Workspace, sha256: str) -> Iterator[KeptCheckpoint]:
    """Examples that adapters were made from and that have parts of the recording."""
    for kept in workspace.checkpoints.all(GATHER.name):
        outputs = kept.checkpoint.outputs if kept.checkpoint else {}
        examples = outputs.get("examples.json")
        text = workspace.objects.read(examples.key) if examples else None
        if sha256.encode() in (text or b""):
            yield kept


def _sound_of(results: Iterable[KeptCheckpoint]) -> list[str]:
    """Sound that stages made of a recording: voices taken out of it, and it with other voices."""
    made = [own_sound(each.checkpoint) for each in results if each.checkpoint]
    return sorted(set().union(*made))


def _refers(outputs: Iterable[ObjectRef], keys: list[str]) -> bool:
    names = set(keys)
    return any(each.key in names for each in outputs)
