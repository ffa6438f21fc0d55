"""Voice replacements as jobs of a service, and what comes of them."""

from collections.abc import Collection, Mapping

from trax.errors import DamagedObject, InvalidOption, NotFound
from trax.pipelines.jobs import request_of
from trax.pipelines.revoice import REVOICE
from trax.service.access import Caller
from trax.service.checks import checked, checked_revoicing
from trax.service.folders import seen
from trax.service.serving import Service, Submitted, get, queued, submit_run
from trax.service.uploads import find
from trax.stages.check import CHECK
from trax.stages.reconstruct import RECONSTRUCT
from trax.stages.replacement import ANONYMOUS, Replacement, RevoiceChoices, RevoiceOptions
from trax.stages.select import voices_by_label
from trax.store import Accepted, Author, Checkpoint, JobRecord, ObjectRef, Sight, Upload
from trax.voice import check_language
from trax.voice.hiding import worded
from trax.voice.selection import Selection, selected
from trax.work.recordings import OBJECT
from trax.work.workspace import Workspace

_FORGOTTEN = "the voice was forgotten: choose another one"


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

    A reference is an upload of the caller; a transcript is one that they see.
    """
    chosen = checked_revoicing(options, service.settings)
    if chosen.transcript:
        known_as = seen(service.workspace, caller, "transcript", chosen.transcript, "viewer")
        chosen = chosen.model_copy(update={"transcript": known_as})
    known = [placed(service.workspace, caller, each) for each in chosen.replacements]
    chosen = chosen.model_copy(update={"replacements": tuple(known)})
    return submit_run(service, caller, REVOICE, recording, chosen, key, folder_id)


def selection_of(
    service: Service, transcript_id: str, choices: RevoiceChoices, version: int | None = None
) -> Selection:
    """What would be said again of a transcript, and what would stay as it is, and why.

    Raises:
        NotFound: there is no such transcript, version or speaker.
        InvalidOption: no voice speaks its language, or there is no utterance that a text is for.
    """
    document = service.workspace.repository.get(transcript_id, version)
    spoken = service.workspace.engines.voices.synthesiser().languages
    check_language(document.language, spoken)
    options = RevoiceOptions(replacements=choices.replacements)
    found = selected(document, voices_by_label(document, options))
    model = service.workspace.spacy_model
    return worded(found, document, choices.texts, choices.redact, model)


def revoice_transcript(
    service: Service,
    caller: Caller,
    transcript_id: str,
    choices: RevoiceChoices,
    version: int | None = None,
    key: str = "",
) -> Submitted:
    """Have voices replaced in a transcript's recording; its words, as people left them, are said.

    Args:
        version: of the transcript; ``None`` for the newest one.
        key: the caller's name for this request.

    Raises:
        NotFound: there is no such transcript, voice, speaker or upload, or no job made it.
        InvalidOption: a choice makes no sense, or nothing could be said again.
    """
    workspace = service.workspace
    newest = workspace.repository.versions(transcript_id)[0]
    job = workspace.jobs.of_transcript(newest.id)
    asked = {
        **choices.model_dump(mode="json"),
        "transcription": job.options,
        "transcript": newest.id,
        "version": version or newest.version,
    }
    options = checked_revoicing(asked, service.settings)
    known = [placed(workspace, caller, each) for each in options.replacements]
    options = options.model_copy(update={"replacements": tuple(known)})
    selection = selection_of(service, newest.id, options, options.version)
    if not selection.utterances and options.unspoken == "original":
        raise InvalidOption("nothing is made: none of the words can be said again")
    return _queued(service, caller, job, options, key)


def say_again(
    service: Service,
    caller: Caller,
    job_id: str,
    texts: Mapping[str, str],
    again: Collection[str],
    key: str = "",
) -> Submitted:
    """Have a voice replacement made once more, with some utterances said otherwise. All others are
    as they are.

    Args:
        texts: what is to be said, by utterance; an empty text leaves the original.
        again: utterances that are said in another way.

    Raises:
        NotFound: the job replaced no voices.
        InvalidOption: a voice that it speaks in was forgotten, or its recording is gone.
    """
    job = _replacing(service, job_id)
    options = RevoiceOptions.model_validate(job.options)
    for each in options.replacements:
        _check_kept(service.workspace, each)
    counts = {name: options.again.get(name, 0) + 1 for name in again}
    changed = {
        **job.options,
        "texts": {**options.texts, **texts},
        "again": {**options.again, **counts},
    }
    return _queued(service, caller, job, checked(RevoiceOptions, changed), key)


def _check_kept(workspace: Workspace, replacement: Replacement) -> None:
    """Refuse a voice that cannot be spoken in any more, before a job fails of it."""
    if replacement.forgotten:
        raise InvalidOption(_FORGOTTEN)
    place = replacement.reference
    if place.startswith(OBJECT) and workspace.objects.stat(place.removeprefix(OBJECT)) is None:
        raise InvalidOption("the recording of the voice is gone: choose a voice anew")


def _queued(
    service: Service, caller: Caller, job: JobRecord, options: RevoiceOptions, key: str
) -> Submitted:
    """A voice replacement in the recording of another job."""
    sha256 = job.recording_sha256 or ""
    size_bytes = service.workspace.recordings.get(sha256).size_bytes or 0
    request = request_of(REVOICE, job.source, sha256, size_bytes, options, caller.account)
    return queued(service, caller, request, key)


def revoicings_of(service: Service, transcript_id: str, sight: Sight) -> list[JobRecord]:
    """Voice replacements in a transcript's recording, as far as they are seen, newest first.

    Raises:
        NotFound: there is no such transcript.
    """
    sha256 = service.workspace.repository.versions(transcript_id)[0].recording_sha256
    jobs = service.workspace.jobs.of_recording(sha256, sight=sight)
    return [job for job in jobs if job.pipeline == REVOICE.name]


def accepted_of(service: Service, job_id: str) -> list[Accepted]:
    """Utterances whose new speech somebody has accepted, by when; none where a job has no new
    speech, or not yet.

    Raises:
        NotFound: there is no such job.
    """
    job = get(service, job_id)
    try:
        speech = _speech_of(service.workspace, job_id)
    except NotFound:
        return []
    return service.workspace.accepted.of(job, speech)


def accept(service: Service, caller: Caller, job_id: str, utterance: str) -> None:
    """Note that somebody has heard an utterance's new speech, and accepts it.

    Raises:
        NotFound: there is no new speech for such an utterance.
    """
    job, speech = _spoken(service, job_id, utterance)
    service.workspace.accepted.put(job, utterance, speech, Author(caller.id, caller.name))


def reject(service: Service, job_id: str, utterance: str) -> None:
    """Note that an utterance's new speech is accepted no longer; raises as `accept` does."""
    job, speech = _spoken(service, job_id, utterance)
    service.workspace.accepted.remove(job, utterance, speech)


def _spoken(service: Service, job_id: str, utterance: str) -> tuple[JobRecord, str]:
    job = _replacing(service, job_id)
    speech = _speech_of(service.workspace, job_id)
    if utterance not in speech:
        raise NotFound("new speech for utterance", utterance)
    return job, speech[utterance]


def _replacing(service: Service, job_id: str) -> JobRecord:
    job = get(service, job_id)
    if job.pipeline != REVOICE.name:
        raise NotFound("voice replacement", job_id, "the job replaces no voices")
    return job


def _speech_of(workspace: Workspace, job_id: str) -> dict[str, str]:
    """Digests of the speech that a job used, by utterance."""
    outputs = _result(workspace, job_id, CHECK.name).outputs
    spoken = {name.removesuffix(".flac"): ref for name, ref in outputs.items()}
    del spoken["check.json"]
    return {name: ref.sha256 for name, ref in spoken.items()}


def outputs_of(workspace: Workspace, job_id: str) -> dict[str, ObjectRef]:
    """What a voice replacement made: ``audio``, ``report`` and perhaps ``video``.

    Raises:
        NotFound: the job made none, has not ended, or its result is kept no longer.
    """
    outputs = _result(workspace, job_id, RECONSTRUCT.name).outputs
    return {name.partition(".")[0]: ref for name, ref in outputs.items()}


def _result(workspace: Workspace, job_id: str, stage: str) -> Checkpoint:
    """The result of a job's stage."""
    for run in reversed(workspace.jobs.stage_runs(job_id)):
        if run.stage == stage:
            return _kept(workspace, job_id, stage, run.key)
    raise NotFound("new recording", job_id, "the job replaces no voices, or has not ended")


def _kept(workspace: Workspace, job_id: str, stage: str, key: str) -> Checkpoint:
    try:
        found = workspace.checkpoints.find(stage, key)
    except DamagedObject:
        found = None
    if found is None:
        raise NotFound("new recording", job_id, "it is kept no longer: run the job again")
    return found


def placed(workspace: Workspace, caller: Caller, asked: Replacement) -> Replacement:
    """A replacement whose reference is where an upload of the caller lies.

    Raises:
        NotFound: there is no such upload or voice.
        InvalidOption: the mix of voices makes no sense.
    """
    if asked.forgotten:
        raise InvalidOption(_FORGOTTEN)
    if asked.reference:
        upload = find(workspace, asked.reference, caller.id)
        return asked.model_copy(update={"reference": upload.source})
    if asked.voice != ANONYMOUS:
        workspace.engines.voices.synthesiser().check(asked.voice)
    return asked
