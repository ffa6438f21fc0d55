"""Audio: any container decoded to 16 kHz mono, voice activity, windows of long recordings."""

from trax.audio.activity import VoiceActivity, voice_activity
from trax.audio.conversion import SAMPLE_RATE
from trax.audio.decode import Decoded, decode_to_flac
from trax.audio.probe import SUFFIXES, Limits, Probe, check_file, check_name, probe
from trax.audio.sections import Section, sections
from trax.audio.waveform import Audio, StoredAudio, Waveform
from trax.audio.windows import cut_speech, windows_at_silence, windows_of_speech

__all__ = [
    "SAMPLE_RATE",
    "SUFFIXES",
    "Audio",
    "Decoded",
    "Limits",
    "Probe",
    "Section",
    "StoredAudio",
    "VoiceActivity",
    "Waveform",
    "check_file",
    "check_name",
    "cut_speech",
    "decode_to_flac",
    "probe",
    "sections",
    "voice_activity",
    "windows_at_silence",
    "windows_of_speech",
]
