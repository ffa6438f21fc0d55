"""Speech to timed words, in as many passes as it takes."""

from trax.asr.engine import Decoder, Decoding, Progress, Recogniser
from trax.asr.plan import PLANS, Pass, Reads, RecognitionOptions, Way

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
