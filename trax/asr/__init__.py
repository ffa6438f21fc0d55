"""Automatic speech recognition: speech to timed words, in one or more passes."""

from trax.asr.engine import Decoder, Decoding, Recogniser
from trax.asr.plan import PLANS, Pass, Reads, RecognitionOptions, Way
from trax.progress import Progress

__all__ = [
    "PLANS",
    "Decoder",
    "Decoding",
    "Pass",
    "Progress",
    "Reads",
    "Recogniser",
    "RecognitionOptions",
    "Way",
]
