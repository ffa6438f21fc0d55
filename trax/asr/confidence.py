"""The probability that a word is right: the decoder's figures, calibrated on known recordings.

Logistic regression over `FEATURES`. The coefficients are stored in ``calibration.json`` beside this
module and are fitted by `trax.asr.calibrating`.
"""

import hashlib
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from trax.asr.evidence import WordHypothesis
from trax.asr.features import FEATURES, feature_table
from trax.errors import InvalidDocument
from trax.transcript import ExpectedErrors

SHIPPED = Path(__file__).with_name("calibration.json")

_TWO_SIDED_90 = 1.645  # standard deviations
_STEEPEST = 30.0  # log odds beyond which exp() only overflows
_NO_EVIDENCE = 0.5  # confidence of a word without evidence


class Calibration(BaseModel):
    """Coefficients of the logistic regression, and how well they performed.

    Attributes:
        fitted_on: the recordings, in words.
        words: number of words fitted on.
        weights: a coefficient for each feature.
        intercept: the constant term.
        errors_per_expected: errors made for each error expected from the words' confidence: words
            missing altogether cannot be doubted one by one.
        dispersion: variance of a recording's errors over that of independent words.
        auc: area under the ROC curve for detecting wrong words, cross-validated over groups.
        ece: expected calibration error, cross-validated over groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 2
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
        """Changes with any coefficient."""
        return "calibration-" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def confidences(self, words: Sequence[WordHypothesis]) -> list[float]:
        """The probability in [0, 1] that each word is right, to four decimals.

        Args:
            words: in order: each is judged beside its neighbours.
        """
        weights = np.array([self.weights.get(name, 0.0) for name in FEATURES])
        log_odds = np.clip(feature_table(words) @ weights + self.intercept, -_STEEPEST, _STEEPEST)
        found = []
        for word, value in zip(words, log_odds.tolist(), strict=True):
            known = word.evidence is not None
            found.append(round(1 / (1 + math.exp(-value)), 4) if known else _NO_EVIDENCE)
        return found

    def expected_errors(self, confidences: Sequence[float]) -> ExpectedErrors | None:
        """The word error rate expected of words with *confidences*, with its 90 % interval."""
        if not confidences:
            return None
        wrong = sum(1 - each for each in confidences)
        variance = sum(each * (1 - each) for each in confidences)
        margin = _TWO_SIDED_90 * math.sqrt(self.dispersion * variance)
        scale = self.errors_per_expected / len(confidences)
        return ExpectedErrors(
            rate=_share(wrong * scale),
            low=_share((wrong - margin) * scale),
            high=_share((wrong + margin) * scale),
        )


@cache
def load_calibration(path: Path = SHIPPED) -> Calibration:
    """Load the calibration at *path*.

    Raises:
        InvalidDocument: the file is missing or invalid, or weighs an unknown feature.
    """
    try:
        found = Calibration.model_validate_json(path.read_bytes())
    except OSError as error:
        reason = f"the calibration cannot be read ({error.strerror})"
        raise InvalidDocument(str(path), reason) from error
    except ValidationError as error:
        reason = f"it is not a calibration ({error.errors()[0]['msg']})"
        raise InvalidDocument(str(path), reason) from error
    unknown = sorted(found.weights.keys() - set(FEATURES))
    if unknown:
        reason = f"it weighs unknown features ({', '.join(unknown)}); fit it again"
        raise InvalidDocument(str(path), reason)
    return found


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
