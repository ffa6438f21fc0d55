"""Voices that were borrowed for voice replacements: what was made with them, and forgetting it."""

from collections.abc import Iterable, Sequence
from typing import Any

from trax.errors import DamagedObject
from trax.pipelines.revoice import REVOICE
from trax.stages.check import CHECK
from trax.stages.reconstruct import RECONSTRUCT
from trax.stages.synthesise import SYNTHESISE
from trax.store import JobRecord
from trax.store.audit import add_entry
from trax.work.recordings import OBJECT, UPLOADS
from trax.work.workspace import Workspace

_SPEAKING = (SYNTHESISE.name, CHECK.name, RECONSTRUCT.name)


def made_with(workspace: Workspace, name: str) -> list[JobRecord]:
    """Voice replacements that speak in the voice of the person called *name*, newest first."""
    wanted = name.strip().casefold()
    jobs = workspace.jobs.of_pipeline(REVOICE.name)
    return [job for job in jobs if wanted and wanted in _people(job)]


def has_forgotten_voice(workspace: Workspace, job_id: str) -> bool:
    """Whether a voice was forgotten since that a job speaks in."""
    job = workspace.jobs.known([job_id]).get(job_id)
    return job is not None and any(each.get("forgotten") for each in _replacements(job))


def forget_borrowed(workspace: Workspace, name: str, jobs: Sequence[JobRecord]) -> None:
    """Forget whose voice *jobs* speak in, and the recordings of it that were handed in. What was
    made stays.
    """
    wanted = name.strip().casefold()
    for job in jobs:
        for each in _replacements(job):
            if _person(each) == wanted:
                _remove(workspace, _handed_in(workspace, each.get("reference", "")))
        options = {**job.options, "replacements": _forgotten(job, wanted)}
        workspace.jobs.voice_forgotten(job.id, options)


def remove_made(workspace: Workspace, jobs: Iterable[JobRecord]) -> None:
    """Remove the new recordings that *jobs* made, and the speech in them."""
    gone: set[str] = set()
    for job in jobs:
        for run in workspace.jobs.stage_runs(job.id):
            if run.stage in _SPEAKING:
                gone |= _outputs(workspace, run.stage, run.key)
    for kept in list(workspace.checkpoints.all()):
        outputs = kept.checkpoint.outputs.values() if kept.checkpoint else ()
        if any(ref.key in gone for ref in outputs):
            workspace.checkpoints.remove(kept)
    for key in sorted(gone):
        _remove(workspace, key)


def references_in(workspace: Workspace, sha256: str) -> list[str]:
    """The keys of recordings of voices that are spoken in, in the recording *sha256* and in no
    other.
    """
    here: set[str] = set()
    elsewhere: set[str] = set()
    for job in workspace.jobs.of_pipeline(REVOICE.name):
        keys = here if job.recording_sha256 == sha256 else elsewhere
        keys |= {_handed_in(workspace, each.get("reference", "")) for each in _replacements(job)}
    return sorted(here - elsewhere - {""})


def _outputs(workspace: Workspace, stage: str, key: str) -> set[str]:
    """The keys of what a stage made, as far as it is kept."""
    try:
        found = workspace.checkpoints.find(stage, key)
    except DamagedObject:
        return set()
    return {ref.key for ref in found.outputs.values()} if found else set()


def _people(job: JobRecord) -> set[str]:
    return {_person(each) for each in _replacements(job)}


def _person(replacement: dict[str, Any]) -> str:
    """Whose voice it is, as names are compared."""
    name: str = replacement.get("person", "")
    return name.strip().casefold()


def _replacements(job: JobRecord) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = job.options.get("replacements", [])
    return found


def _forgotten(job: JobRecord, wanted: str) -> list[dict[str, Any]]:
    """A job's replacements without the person."""
    nobody = {"reference": "", "consent": "", "person": "", "forgotten": True}
    return [{**each, **nobody} if _person(each) == wanted else each for each in _replacements(job)]


def _handed_in(workspace: Workspace, place: str) -> str:
    """The key of a recording that was handed in as a reference; empty if it is none, or has jobs of
    its own.
    """
    key = place.removeprefix(OBJECT)
    parts = key.split("/")
    is_handed_in = place.startswith(OBJECT) and key.startswith(UPLOADS) and len(parts) == 3
    return key if is_handed_in and not workspace.jobs.of_recording(parts[1], most=1) else ""


def _remove(workspace: Workspace, key: str) -> None:
    if not key:
        return
    with workspace.database.writing() as session:
        add_entry(session, "object.removed", key, reason="voice forgotten")
    workspace.objects.delete(key)
