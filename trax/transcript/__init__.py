"""Values of time and speech: span, word, segment, turn, transcript. Pure: no audio, no models, no files."""

from trax.transcript.document import (
    ACTIVITY_STEP,
    SCHEMA_VERSION,
    Activity,
    Diarization,
    ExpectedErrors,
    KnownVoice,
    Provenance,
    Reason,
    Recognition,
    Recording,
    Removed,
    Speaker,
    SpeakerCount,
    Transcript,
    Vocabulary,
)
from trax.transcript.span import Span, format_clock
from trax.transcript.speech import Doubt, Segment, Turn, Word, joined_text

__all__ = [
    "ACTIVITY_STEP",
    "SCHEMA_VERSION",
    "Activity",
    "Diarization",
    "Doubt",
    "ExpectedErrors",
    "KnownVoice",
    "Provenance",
    "Reason",
    "Recognition",
    "Recording",
    "Removed",
    "Segment",
    "Span",
    "Speaker",
    "SpeakerCount",
    "Transcript",
    "Turn",
    "Vocabulary",
    "Word",
    "format_clock",
    "joined_text",
]
