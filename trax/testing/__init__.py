"""For tests, ours and yours: scripted engines, tones, generated containers, sample transcripts."""

from trax.testing.engines import ScriptedDecoder, ScriptedEngines
from trax.testing.samples import diarization, recognition, transcript, words
from trax.testing.sounds import CONTAINERS, applause, encode, hold_tone, music, mutants, noise, tone, write_audio

__all__ = [
    "CONTAINERS",
    "ScriptedDecoder",
    "ScriptedEngines",
    "applause",
    "diarization",
    "encode",
    "hold_tone",
    "music",
    "mutants",
    "noise",
    "recognition",
    "tone",
    "transcript",
    "words",
    "write_audio",
]
