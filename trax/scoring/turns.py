"""Errors in who spoke when."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trax.errors import MissingPart
from trax.transcript import Turn


@dataclass(frozen=True, slots=True)
class DiarizationErrors:
    """Seconds of each kind of error (NIST RT-09), overlap scored.

    Attributes:
        total: seconds of reference speech, each speaker counted.
    """

    false_alarm: float
    missed: float
    confusion: float
    total: float

    @property
    def rate(self) -> float:
        """DER."""
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
    """DER's parts with the best one-to-one match of speakers.

    Args:
        collar: seconds on each side of a reference boundary that do not count.
        duration: seconds that are scored; the union of both sides' turns where left out.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pyannote.core import Segment, Timeline
            from pyannote.metrics.diarization import DiarizationErrorRate
    except ImportError as error:
        raise MissingPart(
            "scoring needs more packages: pip install 'trax-speech[score]'"
        ) from error
    ends = [turn.end for turn in (*reference, *hypothesis)]
    scored = Timeline([Segment(0.0, duration if duration is not None else max(ends, default=0.0))])
    # pyannote.metrics takes the collar's whole width, half on each side.
    metric = DiarizationErrorRate(collar=2 * collar, skip_overlap=False)
    found = metric(_annotation(reference), _annotation(hypothesis), uem=scored, detailed=True)
    return DiarizationErrors(
        float(found["false alarm"]),
        float(found["missed detection"]),
        float(found["confusion"]),
        float(found["total"]),
    )


def _annotation(turns: Sequence[Turn]) -> Any:
    from pyannote.core import Annotation, Segment

    annotation = Annotation(uri="recording")
    for track, turn in enumerate(turns):
        if turn.duration > 0:
            annotation[Segment(turn.start, turn.end), track] = turn.speaker
    return annotation
