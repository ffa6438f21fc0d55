"""The probability that a word is right: the decoder's figures, calibrated on known recordings.

Logistic regression over the features of a word's `Evidence`. The coefficients are stored in
``calibration.json`` beside this module and are fitted by `trax.asr.calibrating`.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from trax.asr.evidence import Evidence, WordHypothesis
from trax.asr.timing import usual_duration
from trax.errors import InvalidDocument
from trax.transcript import ExpectedErrors

SHIPPED = Path(__file__).with_name("calibration.json")

FEATURES = (
    "probability",
    "before",
    "after",
    "nearby",
    "after_pause",
    "mean_log_probability",
    "no_speech",
    "compression",
    "haste",
    "letters",
    "agreed",
    "agreed_surely",
    "disputed",
    "rival",
)
"""Names of the features that a calibration may weigh, in order."""

_EDGE = 0.002  # probabilities nearer to 0 or 1 than this carry no more information
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
        auc: area under the ROC curve for detecting wrong words, cross-validated over recordings.
        ece: expected calibration error, cross-validated over recordings.
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
        """Changes with any coefficient."""
        return "calibration-" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def confidence(self, word: WordHypothesis) -> float:
        """The probability in [0, 1] that *word* is right, to four decimals."""
        if word.evidence is None:
            return _NO_EVIDENCE
        values = features(word, word.evidence)
        log_odds = self.intercept + sum(
            weight * values[name] for name, weight in self.weights.items()
        )
        bounded = max(-_STEEPEST, min(_STEEPEST, log_odds))
        return round(1 / (1 + math.exp(-bounded)), 4)

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
        raise InvalidDocument(str(path), f"it weighs unknown features: {', '.join(unknown)}")
    return found


def features(word: WordHypothesis, evidence: Evidence) -> dict[str, float]:
    """The value of each of `FEATURES` for *word*."""
    disputed = evidence.readings - 1 - evidence.agreed
    other = _logit(evidence.other)
    return {
        "probability": _logit(evidence.probability),
        "before": _logit(evidence.before),
        "after": _logit(evidence.after),
        "nearby": _logit(evidence.nearby),
        "after_pause": float(evidence.after_pause),
        "mean_log_probability": max(-2.0, evidence.mean_log_probability),
        "no_speech": _logit(evidence.no_speech_probability) / 4,
        "compression": min(3.0, evidence.compression_ratio),
        "haste": _haste(word),
        "letters": math.log(len(word.text) + 1),
        "agreed": float(evidence.agreed),
        "agreed_surely": other if evidence.agreed else 0.0,
        "disputed": float(disputed),
        "rival": other if disputed > 0 else 0.0,
    }


def feature_rows(words: Iterable[WordHypothesis]) -> NDArray[np.float64]:
    """The features of the *words* that have evidence, shape ``(words, features)``."""
    rows = []
    for word in words:
        if word.evidence is not None:
            values = features(word, word.evidence)
            rows.append([values[name] for name in FEATURES])
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _logit(probability: float) -> float:
    clipped = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(clipped / (1 - clipped))


def _haste(word: WordHypothesis) -> float:
    """How far the word's duration is from usual, in doublings."""
    return abs(math.log2(max(word.duration, 0.02) / usual_duration(word.text)))
