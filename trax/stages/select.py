"""Select: which words are said again, and which are left as they are."""

import hashlib
from pathlib import Path

from trax.errors import InvalidOption, NotFound
from trax.progress import Progress
from trax.stages.files import written
from trax.stages.narration import narrators
from trax.stages.replacement import EVERYBODY, RevoiceOptions
from trax.transcript import Transcript
from trax.transcript.codec import to_json
from trax.voice import check_language
from trax.voice.hiding import worded
from trax.voice.selection import selected
from trax.work.graph import Stage
from trax.work.running import load
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace

_VERSION = 6


def _prepare(
    workspace: Workspace, job: Job[RevoiceOptions], *, transcript: StageResult
) -> StageWork:
    """Select the utterances that are said again. What people changed in the transcript counts.

    Output: ``selection.json`` (`Selection`).

    Raises:
        NotFound: there is no such speaker or voice.
        InvalidOption: a voice does not speak the language, a reference has too little speech, or
            the transcript that is named is another recording's.
    """
    machine = load(workspace, Transcript, transcript, "transcript.json")
    document = _document(workspace, machine, job.options)
    chosen = voices_by_label(document, job.options)
    texts = job.options.texts

    def make(folder: Path, _progress: Progress) -> Outputs:
        found = selected(document, chosen)
        selection = worded(found, document, texts, job.options.redact, workspace.spacy_model)
        for voice in narrators(workspace, job, selection).values():
            check_language(selection.language, voice.languages)
        return {"selection.json": written(folder / "selection.json", to_json(selection))}

    inputs = {
        "transcript": hashlib.sha256(to_json(document)).hexdigest(),
        "speakers": sorted(chosen),
        "texts": dict(sorted(texts.items())),
        "redact": sorted(job.options.redact),
        "names found by": workspace.spacy_model,
    }
    return StageWork(inputs=inputs, make=make, audio_seconds=document.recording.duration)


SELECT = Stage(
    name="select",
    version=_VERSION,
    summary="Select the utterances that are said again.",
    prepare=_prepare,
)


def voices_by_label(transcript: Transcript, options: RevoiceOptions) -> dict[str, int]:
    """The speakers that are replaced, each with the number of its replacement in *options*.

    Raises:
        NotFound: there is no such speaker.
    """
    names = {each.label: transcript.display_name(each.label) for each in transcript.speakers}
    found: dict[str, int] = {}
    for number, replacement in enumerate(options.replacements):
        wanted = replacement.speaker.casefold()
        labels = [
            label for label, name in names.items() if wanted in (label.casefold(), name.casefold())
        ]
        if wanted == EVERYBODY:
            labels = list(names)
        if not labels:
            hint = f"speakers are {', '.join(names.values())}" if names else "nobody speaks"
            raise NotFound("speaker", replacement.speaker, hint)
        for label in labels:
            found.setdefault(label, number)
    return found


def _document(workspace: Workspace, machine: Transcript, options: RevoiceOptions) -> Transcript:
    """The transcript that is named, or the one of the transcription."""
    if not options.transcript:
        return _newest(workspace, machine)
    named = workspace.repository.get(options.transcript, options.version)
    if named.recording.sha256 != machine.recording.sha256:
        raise InvalidOption(f"transcript {options.transcript} is of another recording")
    return named


def _newest(workspace: Workspace, machine: Transcript) -> Transcript:
    """The transcript as people left it, if it is kept already."""
    try:
        return workspace.repository.get(machine.id)
    except NotFound:
        return machine
