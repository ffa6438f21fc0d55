"""Who speaks when."""

from trax.diarization.engine import DiarizationOptions, Diarizer
from trax.diarization.linking import link_windows

__all__ = ["DiarizationOptions", "Diarizer", "link_windows"]
