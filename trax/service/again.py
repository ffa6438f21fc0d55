"""Recordings transcribed once more, and people's decisions carried over to what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trax.errors import InvalidOption, NotFound, StoreUnavailable, TraxError
from trax.pipelines.transcribe import job_request, transcribe
from trax.revision import Misfit, Operation, rebase
from trax.service.access import Caller
from trax.service.checks import checked_options
from trax.service.revisions import Edits, applied, edits_here
from trax.service.serving import Service, Submitted, queued
from trax.settings import Settings
from trax.store import Revision
from trax.store.revisions import Author, Change, RevisionKind
from trax.work.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Carried:
    """People's decisions, carried over from another transcript.

    Attributes:
        revision: what they came to; ``None`` if none fits.
        misfits: those that fit nowhere: people decide.
    """

    revision: Revision | None
    misfits: tuple[Misfit, ...]


def transcribe_again(
    service: Service,
    caller: Caller,
    reference: str,
    changed: Mapping[str, object],
    key: str = "",
) -> Submitted:
    """Have a transcript's recording transcribed with other options. Stages that these do not
    concern are not run again.

    Args:
        changed: groups of options; those that are not named are those of the transcript's job.
        key: the caller's name for this request: asking again with it changes nothing.

    Raises:
        NotFound: there is no such transcript, or no job made it.
        InvalidOption: an option makes no sense.
    """
    workspace = service.workspace
    transcript = workspace.repository.versions(reference)[0].id
    job = workspace.jobs.of_transcript(transcript)
    if job.recording_sha256 is None:
        raise NotFound("recording of transcript", transcript)
    options = checked_options({**job.options, **changed}, service.settings)
    size_bytes = workspace.recordings.get(job.recording_sha256).size_bytes or 0
    request = job_request(job.source, job.recording_sha256, size_bytes, options, caller.account)
    return queued(service, caller, request, key)


def diarize_again(
    service: Service, caller: Caller, reference: str, speakers: int | None, key: str = ""
) -> Submitted:
    """Have a transcript's speakers told apart again, with people's decisions carried over to what
    comes of it.

    Args:
        speakers: how many there are; ``None``: as many as are heard.
        key: the caller's name for this request.

    Raises:
        NotFound: there is no such transcript, or no job made it.
        InvalidOption: the number makes no sense.
    """
    workspace = service.workspace
    transcript = workspace.repository.versions(reference)[0].id
    job = workspace.jobs.of_transcript(transcript)
    changed = {"diarization": with_speakers(job.options, speakers)}
    return carried_again(service, caller, transcript, changed, key)


def diarize_here(
    workspace: Workspace, settings: Settings, reference: str, speakers: int | None
) -> tuple[str, Carried]:
    """Tell a transcript's speakers apart again, in this process; gives the id of what comes of it,
    and what became of people's decisions.

    Raises:
        NotFound: there is no such transcript, or no job made it.
        InvalidOption: the number makes no sense.
        TraxError: what else went wrong; stages that are kept are not run again.
    """
    source = workspace.repository.versions(reference)[0].id
    job = workspace.jobs.of_transcript(source)
    changed = {"diarization": with_speakers(job.options, speakers)}
    options = checked_options({**job.options, **changed}, settings)
    made = transcribe(workspace, job.source, options).transcript_id
    if made == source or not workspace.revisions.since(source, 0):
        return made, Carried(None, ())
    return made, carry_over(workspace, edits_here(workspace.revisions), made, source)


def carried_again(
    service: Service,
    caller: Caller,
    reference: str,
    changed: Mapping[str, object],
    key: str = "",
) -> Submitted:
    """As `transcribe_again`, with people's decisions carried over once the job has ended well.

    Raises as `transcribe_again` does.
    """
    workspace = service.workspace
    source = workspace.repository.versions(reference)[0].id
    made = transcribe_again(service, caller, source, changed, key)
    if made.job.transcript_id != source:
        workspace.carries.ask(made.job.id, source, Author(caller.id, caller.name))
    return made


def with_speakers(options: Mapping[str, Any], speakers: int | None) -> dict[str, object]:
    """How speakers are told apart in a job's *options*, with another number of them."""
    known = options.get("diarization") or {}
    return {**known, "speakers": speakers, "min_speakers": None, "max_speakers": None}


def carry_due(workspace: Workspace) -> int:
    """Carry over what can be by now; gives how many were tried.

    A transcript that somebody has changed since its job made it stays as it is, and so does one
    that was changed by this already.
    """
    due = workspace.carries.due()
    for carry in due:
        edits = Edits(
            revisions=workspace.revisions, author=carry.author, base_version=carry.version
        )
        problem = ""
        try:
            carry_over(workspace, edits, carry.transcript_id, carry.source)
        except StoreUnavailable:
            raise
        except TraxError as error:
            problem = str(error)
            workspace.conflicts.put_problem(carry.transcript_id, carry.source, problem)
        workspace.carries.settle(carry.job_id, problem)
    return len(due)


def carry_over(workspace: Workspace, edits: Edits, reference: str, source: str) -> Carried:
    """Do to a transcript what people did to another one of the same recording.

    Words are found by their ids, else by time and spelling. What does not fit is kept as a
    conflict until somebody settles it.

    Raises:
        NotFound: there is no such transcript, or nobody changed the other one.
        InvalidOption: they are of different recordings.
        Conflict: the transcript was changed meanwhile.
    """
    transcripts = edits.revisions.transcripts
    newest = transcripts.versions(reference)[0]
    other = transcripts.versions(source)[0]
    if newest.recording_sha256 != other.recording_sha256:
        raise InvalidOption("decisions are carried over between transcripts of one recording")
    changes = edits.revisions.since(other.id, 0)
    operations = standing(changes)
    if not operations:
        raise NotFound("change", other.id, "no change of this transcript stands")
    base = newest.version if edits.base_version is None else edits.base_version
    document = transcripts.get(newest.id, base)
    old = transcripts.get(other.id, changes[0].base_version)
    found = rebase(operations, old, document)
    workspace.conflicts.put(newest.id, other.id, found.misfits)
    if not found.operations:
        return Carried(None, found.misfits)
    made, done, back = applied(document, found.operations)
    change = Change(
        document=made,
        kind=RevisionKind.CARRIED,
        author=edits.author,
        operations=done,
        inverse=back,
    )
    return Carried(edits.revisions.save(change, base), found.misfits)


def standing(changes: Sequence[Revision]) -> list[Operation]:
    """The operations that lead to the newest of *changes*, oldest first: without those that were
    left behind when an earlier version was restored.
    """
    made: dict[int, _Step] = {}
    last: _Step | None = None
    for change in changes:
        if change.restored is not None:
            last = made.get(change.restored)
        else:
            last = _Step(made.get(change.base_version), change.operations or ())
        if last is not None:
            made[change.version] = last
    found: list[tuple[Operation, ...]] = []
    while last is not None:
        found.append(last.operations)
        last = last.before
    return [operation for some in reversed(found) for operation in some]


@dataclass(frozen=True, slots=True)
class _Step:
    """Operations, and what came before them."""

    before: "_Step | None"
    operations: tuple[Operation, ...]
