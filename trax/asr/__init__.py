"""Speech to timed words."""

from trax.asr.engine import RecognisedWindow, Recogniser, RecognitionOptions

__all__ = ["RecognisedWindow", "Recogniser", "RecognitionOptions"]
