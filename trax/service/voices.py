"""Known voices: learned from a recording or a transcript, renamed, merged, forgotten, exported."""

import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trax.audio import StoredAudio, probe
from trax.audio.streams import decode_recording
from trax.diarization import DiarizationOptions
from trax.diarization.profiles import LEAST_SPEECH, VoiceProfile
from trax.errors import InvalidOption, NotFound
from trax.progress import Progress
from trax.service.borrowed import Named, forget_borrowed, made_with, replacing
from trax.stages.chunks import diarize_in_chunks
from trax.stages.voices import Voices, exports_of, voice_of, voices_key
from trax.store import Profile, ProfileRepository
from trax.transcript import Transcript
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace

GOOD_SPEECH = 10.0
"""Seconds of speech beyond which a voice is hardly known better."""

_OTHERS = 0.1
"""Share of the speech that others may have in a recording that shows one person's voice."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Two profiles that became one.

    Attributes:
        kept: the profile that stays.
        gone: the profile that was merged into it.
        transcripts: ids of the transcripts that name *kept* instead.
    """

    kept: Profile
    gone: Profile
    transcripts: list[str]


def enroll_file(
    workspace: Workspace,
    name: str,
    consent: str,
    source: Path,
    model: str = "auto",
    progress: Progress = lambda _share: None,
) -> Profile:
    """Learn the voice of the one person who speaks in a file; a known voice is learned better.

    Args:
        consent: how the person agreed to be recognised.
        model: the diarization model.

    Raises:
        UnreadableAudio: no audio can be decoded from the file.
        InvalidOption: there is no consent, or nobody or several people speak in it.
    """
    check_consent(consent)
    return _learn(workspace, name, voice_in_file(workspace, source, model, progress), consent)


def enroll_speaker(
    workspace: Workspace, name: str, consent: str, reference: str, speaker: str
) -> Profile:
    """Learn the voice of a speaker of a transcript, who has that name there from now on.

    Args:
        consent: how the person agreed to be recognised.
        speaker: their label, its number from 1, or the name that is shown.

    Raises:
        NotFound: there is no such transcript or speaker, or its voices are not kept.
        InvalidOption: there is no consent, or they speak too little.
    """
    check_consent(consent)
    transcript = workspace.repository.get(reference)
    label, voice = voice_in_transcript(workspace, transcript, speaker)
    profile = _learn(workspace, name, voice, consent)
    version = workspace.repository.versions(transcript.id)[0].version
    workspace.profiles.link(profile, transcript.id, version, label)
    return profile


def rename(profiles: ProfileRepository, name: str, to: str) -> None:
    """Rename a voice, in transcripts too.

    Raises:
        NotFound: nobody is known by *name*.
        InvalidOption: the new name is empty or somebody else's.
    """
    profiles.rename(profiles.get(name), to)


def merge(profiles: ProfileRepository, name: str, other: str) -> Merged:
    """Merge the voice *other* into the voice *name* of the same person.

    Raises:
        NotFound: one of them is not known.
        InvalidOption: both names are one voice's, or their models differ.
    """
    kept, gone = profiles.get(name), profiles.get(other)
    if kept.id == gone.id:
        raise InvalidOption(f"{name} and {other} are one profile")
    both = voice_of(kept).with_more(voice_of(gone))
    profiles.improve(kept, both.embedding, both.seconds, gone.consent)
    return Merged(kept, gone, profiles.forget(gone, into=kept))


def forget(workspace: Workspace, name: str) -> list[str]:
    """Remove a voice, its name from transcripts, and stored files that show it; in voice
    replacements that speak in it, it is nobody's from now on. Those that have not ended and speak
    in it or replace it fail, and nothing of theirs is kept.

    Returns the ids of those transcripts.

    Raises:
        NotFound: nobody is known by *name*, and nothing speaks in their voice.
    """
    made = made_with(workspace, name)
    profile = workspace.profiles.find(name) if made else workspace.profiles.get(name)
    if profile is None:
        forget_borrowed(workspace, name, made)
        return []
    named = workspace.profiles.appearances(profile)
    # First all that speaks and shows the name: whoever is stopped in between finds the voice again,
    # and can go on. Then once more what has come meanwhile.
    _remove_traces(workspace, profile, named, workspace.profiles.naming(profile))
    shown = workspace.profiles.forget(profile)
    _remove_traces(workspace, profile, named, shown)
    return shown


def _remove_traces(
    workspace: Workspace, profile: Profile, named: Named, shown: Collection[str]
) -> None:
    """End and change voice replacements with a voice, and remove files of transcripts that name it.

    Args:
        shown: ids of these transcripts.
    """
    jobs = [*made_with(workspace, profile.name), *replacing(workspace, profile, named)]
    forget_borrowed(workspace, profile.name, list({job.id: job for job in jobs}.values()), named)
    if shown:
        _remove_published(workspace, tuple(map(exports_of, shown)))
        for transcript in shown:
            _remove_exports(workspace, transcript)


def exported(profile: Profile) -> dict[str, Any]:
    """Everything that is kept of a voice, as JSON."""
    return described(profile) | {"embedding": list(profile.embedding)}


def described(profile: Profile) -> dict[str, Any]:
    """A voice as JSON, without the numbers that describe its sound."""
    fields = asdict(profile) | {"created_at": profile.created_at.isoformat()}
    del fields["embedding"]
    return fields


def check_consent(consent: str) -> None:
    """Refuse to learn a voice without consent.

    Raises:
        InvalidOption: *consent* is empty.
    """
    if not consent.strip():
        raise InvalidOption("say how they agreed to be recognised")


def voice_in_file(
    workspace: Workspace, source: Path, model: str, progress: Progress
) -> VoiceProfile:
    """The voice of the one person who speaks in a file.

    Raises:
        UnreadableAudio: no audio can be decoded from it.
        InvalidOption: nobody speaks long enough in it, or several people do.
    """
    options = DiarizationOptions(model=model)
    with tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="voice-") as folder:
        flac = Path(folder) / "audio.flac"
        decode_recording(source, probe(source, workspace.limits), workspace.limits, flac)
        engine = workspace.engines.diarizer(options)
        found = diarize_in_chunks(engine, options, StoredAudio.open(flac), progress)
    seconds = dict.fromkeys(found.embeddings, 0.0)
    for turn in found.turns:
        seconds[turn.speaker] += turn.duration
    label = _only_speaker(seconds, source.name)
    return VoiceProfile(
        voice_model=found.voice_model,
        embedding=found.embeddings[label],
        seconds=round(seconds[label], 3),
    )


def voice_in_transcript(
    workspace: Workspace, transcript: Transcript, speaker: str
) -> tuple[str, VoiceProfile]:
    """A speaker's label and voice; *speaker* is the label, its number from 1, or the name shown.

    Raises:
        NotFound: there is no such speaker, or the transcript was made before voices were kept.
        InvalidOption: they speak too little.
    """
    label = _label_of(transcript, speaker)
    kept = workspace.objects.read(voices_key(transcript.id))
    voice = from_json(Voices, kept, "voices").voices.get(label) if kept else None
    if voice is None:
        advice = "transcribe the recording again: its voices are not kept"
        raise NotFound("voice", f"{transcript.id}:{label}", advice)
    if voice.seconds < LEAST_SPEECH:
        raise InvalidOption(
            f"{label} speaks for {voice.seconds:.1f} s; a voice needs {LEAST_SPEECH:g} s"
        )
    return label, voice


def _learn(workspace: Workspace, name: str, voice: VoiceProfile, consent: str) -> Profile:
    """The profile of *name*, new or improved."""
    profiles = workspace.profiles
    known = profiles.find(name)
    if known is None:
        return profiles.add(name, voice.voice_model, voice.embedding, voice.seconds, consent)
    both = voice_of(known).with_more(voice)
    profiles.improve(known, both.embedding, both.seconds, consent)
    return profiles.get(name)


def _only_speaker(seconds: dict[str, float], name: str) -> str:
    """The label of the one person who speaks in the file *name*, given everybody's speech."""
    if not seconds or max(seconds.values()) < LEAST_SPEECH:
        raise InvalidOption(
            f"{name}: nobody speaks for {LEAST_SPEECH:g} s in it; ten seconds or more are good"
        )
    label = max(seconds, key=lambda each: seconds[each])
    if seconds[label] < (1 - _OTHERS) * sum(seconds.values()):
        raise InvalidOption(
            f"{name}: {len(seconds)} people speak in it; transcribe it, then enroll one of the "
            f"transcript's speakers, such as {label}"
        )
    return label


def _label_of(transcript: Transcript, speaker: str) -> str:
    labels = [each.label for each in transcript.speakers]
    names = {label.casefold(): label for label in labels}
    names |= {str(number): label for number, label in enumerate(labels, start=1)}
    names |= {transcript.display_name(label).casefold(): label for label in labels}
    label = names.get(speaker.strip().casefold())
    if label is None:
        known = ", ".join(labels) or "none"
        raise NotFound("speaker", speaker, f"transcript {transcript.id} has {known}")
    return label


def _remove_published(workspace: Workspace, folders: tuple[str, ...]) -> None:
    """Remove the checkpoints whose exports lie in *folders* of the object store."""
    for kept in list(workspace.checkpoints.all("publish")):
        outputs = kept.checkpoint.outputs.values() if kept.checkpoint else ()
        if any(made.key.startswith(folders) for made in outputs):
            workspace.checkpoints.remove(kept)


def _remove_exports(workspace: Workspace, transcript_id: str) -> None:
    """Remove a transcript's stored files, except what its speakers sound like."""
    for export in list(workspace.objects.list(exports_of(transcript_id))):
        if export.key != voices_key(transcript_id):
            workspace.objects.delete(export.key)
