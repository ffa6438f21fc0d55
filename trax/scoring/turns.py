"""Errors in who spoke when."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trax.errors import MissingPart
from trax.scoring.words import SCORE_EXTRA
from trax.transcript import Turn


@dataclass(frozen=True, slots=True)
class DiarizationErrors:
    """Seconds of each kind of error (NIST RT-09), overlap scored.

    Attributes:
        false_alarm: speech in the hypothesis alone.
        missed: speech in the reference alone.
        confusion: speech by the wrong speaker.
        total: seconds of reference speech, each speaker counted.
    """

    false_alarm: float
    missed: float
    confusion: float
    total: float

    @property
    def rate(self) -> float:
        """The diarization error rate; infinite for errors without reference speech."""
        errors = self.false_alarm + self.missed + self.confusion
        if self.total == 0:
            return float("inf") if errors else 0.0
        return errors / self.total


def diarization_errors(
    reference: Sequence[Turn],
    hypothesis: Sequence[Turn],
    collar: float = 0.0,
    duration: float | None = None,
) -> DiarizationErrors:
    """The seconds of each kind of error, with the best one-to-one match of speakers.

    Args:
        reference: who spoke when.
        hypothesis: who was found to speak when.
        collar: seconds on each side of a reference boundary that do not count.
        duration: seconds that are scored; up to the last turn's end by default.

    Raises:
        MissingPart: the packages for scoring are not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pyannote.core import Segment, Timeline
            from pyannote.metrics.diarization import DiarizationErrorRate
    except ImportError as error:
        raise MissingPart(SCORE_EXTRA) from error
    if duration is None:
        duration = max((turn.end for turn in (*reference, *hypothesis)), default=0.0)
    # pyannote.metrics takes the collar's whole width, half on each side.
    metric = DiarizationErrorRate(collar=2 * collar, skip_overlap=False)
    found = metric(
        _annotation(reference),
        _annotation(hypothesis),
        uem=Timeline([Segment(0.0, duration)]),
        detailed=True,
    )
    return DiarizationErrors(
        false_alarm=float(found["false alarm"]),
        missed=float(found["missed detection"]),
        confusion=float(found["confusion"]),
        total=float(found["total"]),
    )


def _annotation(turns: Sequence[Turn]) -> Any:
    from pyannote.core import Annotation, Segment

    annotation = Annotation(uri="recording")
    for track, turn in enumerate(turns):
        if turn.duration > 0:
            annotation[Segment(turn.start, turn.end), track] = turn.speaker
    return annotation
