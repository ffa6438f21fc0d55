"""What the speakers of a transcript sound like, and which known voices they have."""

from dataclasses import dataclass

from trax.diarization.profiles import VoiceProfile, identify_speakers
from trax.store import Profile
from trax.transcript import Diarization, KnownVoice, Transcript, VoiceSample
from trax.work.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """What the speakers of a transcript sound like.

    Attributes:
        voices: by label.
        samples: what is heard where, whoever it is.
    """

    voices: dict[str, VoiceProfile]
    samples: tuple[VoiceSample, ...] = ()


def voices_of(diarization: Diarization, transcript: Transcript) -> Voices:
    """The voices of a transcript's speakers."""
    seconds = {speaker.label: speaker.speech for speaker in transcript.speakers}
    voices = {}
    for label, embedding in diarization.embeddings.items():
        voices[label] = VoiceProfile(
            voice_model=diarization.voice_model,
            embedding=embedding,
            seconds=seconds.get(label, 0.0),
        )
    return Voices(voices=voices, samples=diarization.samples)


def known_voices(workspace: Workspace, voices: Voices) -> dict[str, KnownVoice]:
    """Who the speakers are, by label; unknown voices are left out."""
    if not voices.voices:
        return {}
    profiles = {profile.id: profile for profile in workspace.profiles.all()}
    candidates = {profile.id: voice_of(profile) for profile in profiles.values()}
    known = {}
    for label, (profile_id, _cosine) in identify_speakers(voices.voices, candidates).items():
        known[label] = KnownVoice(profile_id, profiles[profile_id].name)
    return known


def voice_of(profile: Profile) -> VoiceProfile:
    """What a profile sounds like."""
    return VoiceProfile(
        voice_model=profile.voice_model,
        embedding=profile.embedding,
        seconds=profile.seconds,
    )


def exports_of(transcript_id: str) -> str:
    """Where in the object store a transcript's files are."""
    return f"transcripts/{transcript_id}/"


def voices_key(transcript_id: str) -> str:
    """Where the voices of a transcript's speakers are kept."""
    return f"{exports_of(transcript_id)}voices.json"
