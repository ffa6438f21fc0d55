"""A recognition model that may learn: its files, where it runs, how it decodes as it is."""

from dataclasses import dataclass

from trax.asr.confidence import Calibration
from trax.asr.engine import Decoder
from trax.asr.whisper import Placement
from trax.models import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A recognition model that may learn.

    Attributes:
        placement: where it decodes and learns.
        decoder: decodes without any adapter; it stays loaded between stages.
        calibration: gives its words their confidence.
    """

    model: Model
    placement: Placement
    decoder: Decoder
    calibration: Calibration
