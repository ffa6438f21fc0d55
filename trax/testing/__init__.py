"""For tests, ours and yours: scripted engines, tones, generated containers, sample transcripts."""

from trax.testing.engines import ScriptedDecoder, ScriptedEngines, ScriptedModel, silent
from trax.testing.recorder import Recorder
from trax.testing.samples import diarization, recognition, transcript, words
from trax.testing.sounds import (
    CONTAINERS,
    applause,
    encode,
    hold_tone,
    music,
    mutants,
    noise,
    tone,
    write_audio,
)
from trax.testing.voices import ScriptedVoices

__all__ = [
    "CONTAINERS",
    "Recorder",
    "ScriptedDecoder",
    "ScriptedEngines",
    "ScriptedModel",
    "ScriptedVoices",
    "applause",
    "diarization",
    "encode",
    "hold_tone",
    "music",
    "mutants",
    "noise",
    "recognition",
    "silent",
    "tone",
    "transcript",
    "words",
    "write_audio",
]
