"""How likely a word is right: the decoder's numbers, calibrated on recordings whose text is known.

Logistic regression over what `Evidence` holds; the coefficients stand in ``calibration.json``
beside this module and are fitted by ``trax calibrate`` (`trax.asr.calibrating`).
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from trax.asr.heard import Evidence, HeardWord
from trax.asr.timing import usual_duration
from trax.errors import InvalidDocument
from trax.transcript import ExpectedErrors

SHIPPED = Path(__file__).with_name("calibration.json")

_EDGE = 0.002  # probabilities nearer to 0 or 1 than this say no more
_TWO_SIDED_90 = 1.645  # standard deviations


def _logit(probability: float) -> float:
    clipped = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(clipped / (1 - clipped))


def _haste(word: HeardWord, _evidence: Evidence) -> float:
    """How far the word's duration is from usual, in doublings."""
    return abs(math.log2(max(word.duration, 0.02) / usual_duration(word.text)))


FEATURES: dict[str, Callable[[HeardWord, Evidence], float]] = {
    "probability": lambda _word, evidence: _logit(evidence.probability),
    "before": lambda _word, evidence: _logit(evidence.before),
    "after": lambda _word, evidence: _logit(evidence.after),
    "nearby": lambda _word, evidence: _logit(evidence.nearby),
    "after_pause": lambda _word, evidence: float(evidence.after_pause),
    "mean_log_probability": lambda _word, evidence: max(-2.0, evidence.mean_log_probability),
    "no_speech": lambda _word, evidence: _logit(evidence.no_speech_probability) / 4,
    "compression": lambda _word, evidence: min(3.0, evidence.compression_ratio),
    "haste": _haste,
    "letters": lambda word, _evidence: math.log(len(word.text) + 1),
    "agreed": lambda _word, evidence: float(evidence.agreed),
    "agreed_surely": lambda _word, evidence: _logit(evidence.other) if evidence.agreed else 0.0,
    "disputed": lambda _word, evidence: float(evidence.readings - 1 - evidence.agreed),
    "rival": lambda _word, evidence: (
        _logit(evidence.other) if evidence.readings - 1 > evidence.agreed else 0.0
    ),
}
"""What the calibration looks at, by name."""


class Calibration(BaseModel):
    """Coefficients of the logistic regression, and how well they did.

    Attributes:
        fitted_on: what recordings, in words.
        words: how many.
        errors_per_expected: errors that there were for each that the words alone let expect: words
            that are missing altogether cannot be doubted one by one.
        dispersion: variance of a recording's errors over that of independent words.
        auc: area under the ROC curve for "this word is wrong", cross-validated over recordings.
        ece: expected calibration error, likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    fitted_on: str
    words: int
    weights: dict[str, float]
    intercept: float
    errors_per_expected: float
    dispersion: float
    auc: float
    ece: float

    @property
    def fingerprint(self) -> str:
        """Changes when a coefficient does."""
        return "calibration-" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def confidence(self, word: HeardWord) -> float:
        """Probability in [0, 1] that *word* is right; four decimals."""
        if word.evidence is None:
            return 0.5
        total = self.intercept + sum(
            weight * FEATURES[name](word, word.evidence) for name, weight in self.weights.items()
        )
        return round(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), 4)

    def expected_errors(self, confidences: Sequence[float]) -> ExpectedErrors | None:
        """Word error rate to expect of words with *confidences*, and where it lies nine times in
        ten.
        """
        if not confidences:
            return None
        wrong = sum(1 - each for each in confidences)
        spread = math.sqrt(self.dispersion * sum(each * (1 - each) for each in confidences))
        scale = self.errors_per_expected / len(confidences)
        low, high = wrong - _TWO_SIDED_90 * spread, wrong + _TWO_SIDED_90 * spread
        return ExpectedErrors(
            rate=round(wrong * scale, 4),
            low=round(max(0.0, low * scale), 4),
            high=round(high * scale, 4),
        )


@cache
def load_calibration(path: Path = SHIPPED) -> Calibration:
    """The calibration in the file at *path*.

    Raises:
        InvalidDocument: there is none, or it names a feature that there is not.
    """
    try:
        found = Calibration.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidDocument(
            str(path), f"no calibration can be read ({error.strerror})"
        ) from error
    except ValidationError as error:
        raise InvalidDocument(
            str(path), f"it is no calibration ({error.errors()[0]['msg']})"
        ) from error
    if unknown := found.weights.keys() - FEATURES.keys():
        raise InvalidDocument(
            str(path), f"it weighs what this Trax does not know: {', '.join(sorted(unknown))}"
        )
    return found


def feature_rows(words: Iterable[HeardWord]) -> NDArray[np.float64]:
    """The features of *words*, shape ``(words, features)``, in the order of `FEATURES`."""
    rows = [
        [feature(word, word.evidence) for feature in FEATURES.values()]
        for word in words
        if word.evidence
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))
