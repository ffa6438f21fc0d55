"""Voice replacements as jobs of a service, and what comes of them."""

from trax.errors import DamagedObject, NotFound
from trax.pipelines.revoice import REVOICE
from trax.service.access import Caller
from trax.service.checks import checked_revoicing
from trax.service.serving import Service, Submitted, submit_run
from trax.service.uploads import find
from trax.stages.reconstruct import RECONSTRUCT
from trax.stages.replacement import ANONYMOUS, Replacement, RevoiceOptions
from trax.store import ObjectRef, Upload
from trax.work.workspace import Workspace


def submit_revoicing(
    service: Service,
    caller: Caller,
    recording: Upload | str,
    options: RevoiceOptions,
    key: str = "",
    folder_id: str | None = None,
) -> Submitted:
    """Have voices of a recording replaced; the arguments and errors are those of
    `serving.submit`.

    A reference is an upload of the caller.
    """
    chosen = checked_revoicing(options, service.settings)
    known = [_placed(service.workspace, caller, each) for each in chosen.replacements]
    chosen = chosen.model_copy(update={"replacements": tuple(known)})
    return submit_run(service, caller, REVOICE, recording, chosen, key, folder_id)


def outputs_of(workspace: Workspace, job_id: str) -> dict[str, ObjectRef]:
    """What a voice replacement made: ``audio``, ``report`` and perhaps ``video``.

    Raises:
        NotFound: the job made none, has not ended, or its result is kept no longer.
    """
    for run in reversed(workspace.jobs.stage_runs(job_id)):
        if run.stage == RECONSTRUCT.name:
            return _kept(workspace, job_id, run.key)
    raise NotFound("new recording", job_id, "the job replaces no voices, or has not ended")


def _kept(workspace: Workspace, job_id: str, key: str) -> dict[str, ObjectRef]:
    try:
        found = workspace.checkpoints.find(RECONSTRUCT.name, key)
    except DamagedObject:
        found = None
    if found is None:
        raise NotFound("new recording", job_id, "it is kept no longer: run the job again")
    return {name.partition(".")[0]: ref for name, ref in found.outputs.items()}


def _placed(workspace: Workspace, caller: Caller, asked: Replacement) -> Replacement:
    """A replacement whose reference is where an upload of the caller lies."""
    if asked.reference:
        upload = find(workspace, asked.reference, caller.id)
        return asked.model_copy(update={"reference": upload.source})
    if asked.voice != ANONYMOUS:
        workspace.engines.voices.synthesiser().check(asked.voice)
    return asked
