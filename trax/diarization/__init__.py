"""Speaker diarization: who speaks when."""

from trax.diarization.engine import DiarizationOptions, DiarizationSession, Diarizer

__all__ = ["DiarizationOptions", "DiarizationSession", "Diarizer"]
