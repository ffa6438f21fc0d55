"""Known voices: taken from a file or from somebody in a transcript, and found again in new
recordings.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from trax.audio import StoredAudio, decode_to_flac
from trax.diarization import DiarizationOptions
from trax.diarization.profiles import LEAST_SPEECH, VoiceProfile, recognised
from trax.errors import InvalidOption, NotFound
from trax.progress import Progress
from trax.stages.listening import heard
from trax.store import Profile
from trax.transcript import Diarization, KnownVoice, Transcript
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace

_OTHERS = 0.1
"""Share of the speech that others may have in a recording that shows one person's voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """What the speakers of a transcript sound like, by label."""

    voices: dict[str, VoiceProfile]


def voices_of(diarization: Diarization, transcript: Transcript) -> Voices:
    """The voices of a transcript's speakers."""
    seconds = {speaker.label: speaker.speech for speaker in transcript.speakers}
    made = {
        label: VoiceProfile(
            voice_model=diarization.voice_model, embedding=vector, seconds=seconds.get(label, 0.0)
        )
        for label, vector in diarization.embeddings.items()
    }
    return Voices(voices=made)


def known_voices(workspace: Workspace, voices: Voices) -> dict[str, KnownVoice]:
    """Whose voices they are, by speaker's label; unknown ones are left out."""
    profiles = (
        {profile.id: profile for profile in workspace.profiles.all()} if voices.voices else {}
    )
    found = recognised(voices.voices, {each.id: voice_of(each) for each in profiles.values()})
    return {
        label: KnownVoice(known, profiles[known].name) for label, (known, _cosine) in found.items()
    }


def voice_of(profile: Profile) -> VoiceProfile:
    """What a profile sounds like."""
    return VoiceProfile(
        voice_model=profile.voice_model, embedding=profile.embedding, seconds=profile.seconds
    )


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
        decode_to_flac(source, flac, workspace.limits)
        found = heard(
            workspace.engines.diarizer(options), options, StoredAudio.open(flac), progress
        )
    seconds = dict.fromkeys(found.embeddings, 0.0)
    for turn in found.turns:
        seconds[turn.speaker] += turn.duration
    if not seconds or max(seconds.values()) < LEAST_SPEECH:
        raise InvalidOption(
            f"{source.name}: nobody speaks for {LEAST_SPEECH:g} s in it; ten seconds or more "
            "are good"
        )
    label = max(seconds, key=lambda each: seconds[each])
    if seconds[label] < (1 - _OTHERS) * sum(seconds.values()):
        advice = (
            f"transcribe it, then enroll somebody as TRANSCRIPT:SPEAKER, such as latest:{label}"
        )
        raise InvalidOption(f"{source.name}: {len(seconds)} people speak in it; {advice}")
    embedding = found.embeddings[label]
    return VoiceProfile(
        voice_model=found.voice_model, embedding=embedding, seconds=round(seconds[label], 3)
    )


def voice_in_transcript(
    workspace: Workspace, transcript: Transcript, speaker: str
) -> tuple[str, VoiceProfile]:
    """A speaker's label and voice; *speaker* is the label, its number from 1, or the name that is
    shown.

    Raises:
        NotFound: there is no such speaker, or the transcript was made before voices were kept.
        InvalidOption: they speak too little.
    """
    labels = [each.label for each in transcript.speakers]
    names = {label.casefold(): label for label in labels}
    names |= {str(number): label for number, label in enumerate(labels, start=1)}
    names |= {transcript.display_name(label).casefold(): label for label in labels}
    label = names.get(speaker.strip().casefold())
    if label is None:
        raise NotFound(
            "speaker", speaker, f"transcript {transcript.id} has {', '.join(labels) or 'none'}"
        )
    kept = workspace.objects.read(voices_key(transcript.id))
    voice = from_json(Voices, kept, "voices").voices.get(label) if kept else None
    if voice is None:
        advice = "transcribe the recording again: its voices are not kept"
        raise NotFound("voice", f"{transcript.id}:{label}", advice)
    if voice.seconds < LEAST_SPEECH:
        raise InvalidOption(
            f"{label} speaks for {voice.seconds:.1f} s; {LEAST_SPEECH:g} s are needed to "
            "know a voice"
        )
    return label, voice


def forget(workspace: Workspace, profile: Profile) -> list[str]:
    """Remove a profile, its name from transcripts, and what is stored that shows it; gives the
    transcripts' ids.
    """
    shown = workspace.profiles.forget(profile)
    folders = tuple(exports_of(transcript) for transcript in shown)
    for kept in list(workspace.checkpoints.all("publish")) if folders else []:
        if kept.checkpoint and any(
            made.key.startswith(folders) for made in kept.checkpoint.outputs.values()
        ):
            workspace.checkpoints.remove(kept)
    for transcript, folder in zip(shown, folders, strict=True):
        for export in list(workspace.objects.list(folder)):
            if export.key != voices_key(transcript):
                workspace.objects.delete(export.key)
    return shown


def exports_of(transcript_id: str) -> str:
    """Where in the object store a transcript's files are."""
    return f"transcripts/{transcript_id}/"


def voices_key(transcript_id: str) -> str:
    """Where the voices of a transcript's speakers are kept."""
    return f"{exports_of(transcript_id)}voices.json"
