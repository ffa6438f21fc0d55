"""Voices: taken out of recordings, synthesised, given another timbre, compared and marked."""

from trax.voice.engine import (
    Block,
    Cloner,
    Converter,
    Likeness,
    Narrator,
    Separator,
    StockVoice,
    Synthesiser,
    VoiceEngines,
    Watermark,
    check_language,
)
from trax.voice.narrators import narrator
from trax.voice.stretching import stretched

__all__ = [
    "Block",
    "Cloner",
    "Converter",
    "Likeness",
    "Narrator",
    "Separator",
    "StockVoice",
    "Synthesiser",
    "VoiceEngines",
    "Watermark",
    "check_language",
    "narrator",
    "stretched",
]
