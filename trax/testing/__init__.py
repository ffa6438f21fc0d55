"""For tests, ours and yours: scripted engines, tones, generated containers, sample transcripts."""

from trax.testing.engines import ScriptedEngines
from trax.testing.samples import diarization, recognition, transcript, words
from trax.testing.sounds import CONTAINERS, encode, mutants, tone, write_audio

__all__ = [
    "CONTAINERS",
    "ScriptedEngines",
    "diarization",
    "encode",
    "mutants",
    "recognition",
    "tone",
    "transcript",
    "words",
    "write_audio",
]
