"""Measures of a transcript's quality: thin layers over jiwer, meeteval and pyannote.metrics.

These packages come with the extra ``score``.
"""

from trax.scoring.documents import Scorable, Utterance, read_scorable, scorable
from trax.scoring.report import Scores, score

__all__ = ["Scorable", "Scores", "Utterance", "read_scorable", "scorable", "score"]
