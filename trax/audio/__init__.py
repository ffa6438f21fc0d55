"""Sound: reading any container, keeping 16 kHz mono, cutting long recordings at silence."""

from trax.audio.decode import SAMPLE_RATE, Decoded, decode_to_flac
from trax.audio.probe import Limits, Probe, check_file, check_name, probe
from trax.audio.waveform import StoredAudio, Waveform
from trax.audio.windows import windows_at_silence

__all__ = [
    "SAMPLE_RATE",
    "Decoded",
    "Limits",
    "Probe",
    "StoredAudio",
    "Waveform",
    "check_file",
    "check_name",
    "decode_to_flac",
    "probe",
    "windows_at_silence",
]
