"""Voices that were borrowed for voice replacements: what was made with them, and forgetting it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from trax.errors import DamagedObject
from trax.pipelines.forgotten import FORGOTTEN, is_forgotten, remove_results
from trax.pipelines.revoice import REVOICE
from trax.stages.check import CHECK
from trax.stages.reconstruct import RECONSTRUCT
from trax.stages.replacement import EVERYBODY
from trax.stages.synthesise import SYNTHESISE
from trax.store import JobRecord, Profile
from trax.store.audit import add_entry
from trax.store.checkpoints import KeptCheckpoint
from trax.store.job_values import ENDED
from trax.work.failure import FailureReport
from trax.work.recordings import OBJECT, UPLOADS
from trax.work.workspace import Workspace

Named = Collection[tuple[str, str]]
"""Digests of recordings, each with a speaker's label."""

_SPEAKING = (SYNTHESISE.name, CHECK.name, RECONSTRUCT.name)


def made_with(workspace: Workspace, name: str) -> list[JobRecord]:
    """Voice replacements that speak in the voice of the person called *name*, newest first."""
    wanted = name.strip().casefold()
    jobs = workspace.jobs.of_pipeline(REVOICE.name)
    return [job for job in jobs if wanted and wanted in _people(job)]


def has_forgotten_voice(workspace: Workspace, job_id: str) -> bool:
    """Whether a voice was forgotten since that a job speaks in."""
    job = workspace.jobs.known([job_id]).get(job_id)
    return job is not None and is_forgotten(job)


def replacing(workspace: Workspace, profile: Profile, named: Named) -> list[JobRecord]:
    """Voice replacements that have not ended and say a known voice's words in another one.

    Args:
        named: where the voice is named.
    """
    jobs = workspace.jobs.of_pipeline(REVOICE.name)
    begun = [job for job in jobs if job.status not in ENDED]
    return [job for job in begun if _replaced(job, profile.name, named)]


def forget_borrowed(
    workspace: Workspace, name: str, jobs: Sequence[JobRecord], replaced: Named = frozenset()
) -> None:
    """Forget whose voice *jobs* speak in, and the recordings of it that were handed in. What was
    made stays, but that of jobs that have not ended: they fail, and nothing of theirs is kept.

    Args:
        replaced: where the person is named whose voice is forgotten; jobs that replace it are
            treated alike.
    """
    wanted = name.strip().casefold()
    for job in jobs:
        for each in _replacements(job):
            if _person(each) == wanted:
                _remove(workspace, _handed_in(workspace, each.get("reference", "")))
        labels = _labels(job, replaced)
        kept = [_unnamed(each, wanted, labels) for each in _replacements(job)]
        _forget(workspace, job, [_without(each, wanted) for each in kept])


def _forget(workspace: Workspace, job: JobRecord, replacements: list[dict[str, Any]]) -> None:
    options = {**job.options, "replacements": replacements}
    report = FailureReport(
        job_id=job.id,
        pipeline=job.pipeline,
        recording=job.name,
        source=job.source,
        stage=job.stage,
        error=FORGOTTEN,
        causes=(),
        where="",
        attempts=job.attempts,
        options=options,
        kept=(),
        resume="Choose another voice, then start another job.",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if workspace.jobs.voice_forgotten(job.id, options, report.to_dict()):
        remove_results(workspace, job.id)


def remove_made(workspace: Workspace, jobs: Collection[JobRecord]) -> None:
    """Remove the new recordings that *jobs* made, and the speech in them."""
    gone: set[str] = set()
    for job in jobs:
        for run in workspace.jobs.stage_runs(job.id):
            if run.stage in _SPEAKING:
                gone |= _outputs(workspace, run.stage, run.key)
    found = list(workspace.checkpoints.all())
    gone |= _tried(found, {job.id for job in jobs})
    for kept in found:
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


def _tried(found: Iterable[KeptCheckpoint], ids: Collection[str]) -> set[str]:
    """The keys of whatever jobs have said, used or not."""
    gone: set[str] = set()
    for kept in found:
        made = kept.checkpoint
        if made and made.stage in _SPEAKING and made.job in ids:
            gone |= {ref.key for ref in made.outputs.values()}
    return gone


def _people(job: JobRecord) -> set[str]:
    return {_person(each) for each in _replacements(job)}


def _person(replacement: dict[str, Any]) -> str:
    """Whose voice it is, as names are compared."""
    name: str = replacement.get("person", "")
    return name.strip().casefold()


def _replacements(job: JobRecord) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = job.options.get("replacements", [])
    return found


def _without(replacement: dict[str, Any], wanted: str) -> dict[str, Any]:
    """A replacement without the person, if it speaks in their voice."""
    if _person(replacement) != wanted:
        return replacement
    return {**replacement, "reference": "", "consent": "", "person": "", "forgotten": True}


def _labels(job: JobRecord, named: Named) -> set[str]:
    """Those of a job's recording."""
    return {label for sha256, label in named if sha256 == job.recording_sha256}


def _replaced(job: JobRecord, name: str, named: Named) -> bool:
    """Whether a job replaces the voice called *name*."""
    labels = _labels(job, named)
    return any(_replaces(each, name, labels) for each in _replacements(job))


def _replaces(replacement: dict[str, Any], name: str, labels: Collection[str]) -> bool:
    speaker = replacement["speaker"].casefold()
    called = {name.casefold(), *(label.casefold() for label in labels)}
    return speaker in called or (speaker == EVERYBODY and bool(labels))


def _unnamed(replacement: dict[str, Any], name: str, labels: Collection[str]) -> dict[str, Any]:
    """A replacement that no longer names whom it replaces, if that is *name*."""
    if not _replaces(replacement, name, labels):
        return replacement
    is_named = replacement["speaker"].casefold() == name.casefold()
    speaker = "forgotten" if is_named else replacement["speaker"]
    return {**replacement, "speaker": speaker, "forgotten": True}


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
