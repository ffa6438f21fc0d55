"""Fits the calibration of confidence to recordings whose text is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.asr.confidence import Calibration
from trax.asr.evidence import WordHypothesis
from trax.asr.features import FEATURES, feature_table
from trax.errors import InvalidOption

BINS = 10
"""Bins of equal width for the calibration error and the reliability diagram."""

_FOLDS = 5
_FEWEST = 200  # words, right and wrong together
_CONSTANT = 1e-6  # standard deviation below which a feature is the same everywhere
_STRENGTH = 55.0  # inverse of the regularisation, shared by the words

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelledRecording:
    """A recording's word hypotheses, each known to be right or wrong.

    Attributes:
        words: as recognised.
        wrong: for each word, whether it is wrong.
        errors: word errors in the whole recording, missing words included.
        group: recordings of one group (one speaker's, say) are never split between fitting and
            testing.
    """

    words: Sequence[WordHypothesis]
    wrong: Sequence[bool]
    errors: int
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """One row for each word of all recordings.

    Attributes:
        features: shape ``(words, features)``.
        wrong: whether the word is wrong.
        groups: the recording's group.
        recording: the recording's index.
    """

    features: Numbers
    wrong: NDArray[np.bool_]
    groups: list[str]
    recording: NDArray[np.intp]


def fit_calibration(
    recordings: Sequence[LabelledRecording], name: str, folds: int = _FOLDS
) -> Calibration:
    """Fit a calibration to *recordings*, its figures cross-validated over their groups.

    Args:
        recordings: what to fit to.
        name: describes them.
        folds: how often some groups are left out.

    Raises:
        InvalidOption: there are too few words, or too few groups to hold some back.
    """
    from sklearn.metrics import roc_auc_score

    table = _table(recordings)
    _check_enough(table)
    weights, intercept = _coefficients(table.features, table.wrong)
    held_out = cross_validate(recordings, folds)
    scale, dispersion = _error_scale(recordings, table, held_out)
    rounded = [round(float(weight), 5) for weight in weights]
    return Calibration(
        fitted_on=name,
        words=len(table.wrong),
        weights=dict(zip(FEATURES, rounded, strict=True)),
        intercept=round(float(intercept), 5),
        errors_per_expected=round(scale, 4),
        dispersion=round(max(1.0, dispersion), 3),
        auc=round(float(roc_auc_score(table.wrong, 1 - held_out)), 4),
        ece=round(calibration_error(held_out, table.wrong), 4),
    )


def cross_validate(recordings: Sequence[LabelledRecording], folds: int = _FOLDS) -> Numbers:
    """Each word's confidence by coefficients fitted without its group, shape ``(words,)``."""
    from sklearn.model_selection import GroupKFold

    table = _table(recordings)
    confidence = np.zeros(len(table.wrong))
    splits = GroupKFold(folds).split(table.features, table.wrong, table.groups)
    for train, test in splits:
        weights, intercept = _coefficients(table.features[train], table.wrong[train])
        log_odds = table.features[test] @ weights + intercept
        confidence[test] = 1 / (1 + np.exp(-log_odds))
    return confidence


def calibration_error(confidence: Numbers, wrong: NDArray[np.bool_]) -> float:
    """Expected calibration error over `BINS` bins (Guo et al. 2017).

    The mean gap between confidence and the share of right words, weighted by a bin's words.
    """
    gaps = [count * abs(mean - right) for count, mean, right in reliability(confidence, wrong)]
    return sum(gaps) / max(1, len(wrong))


def reliability(confidence: Numbers, wrong: NDArray[np.bool_]) -> list[tuple[int, float, float]]:
    """For each bin with words: their number, their mean confidence, and the share that is right."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = []
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            mean = float(confidence[inside].mean())
            right = float(1 - wrong[inside].mean())
            rows.append((int(inside.sum()), mean, right))
    return rows


def _check_enough(table: _Table) -> None:
    words = len(table.wrong)
    wrong = int(table.wrong.sum())
    speakers = len(set(table.groups))
    if words >= _FEWEST and speakers >= _FOLDS and 0 < wrong < words:
        return
    raise InvalidOption(
        f"not enough to calibrate on: {words} words, {wrong} of them wrong, by {speakers} "
        f"speakers; at least {_FEWEST} words by {_FOLDS} speakers are needed"
    )


def _error_scale(
    recordings: Sequence[LabelledRecording],
    table: _Table,
    confidence: Numbers,
) -> tuple[float, float]:
    """Errors made for each expected one, and how much more they vary than independent words."""
    expected_by_word = 1 - confidence
    variance_by_word = confidence * (1 - confidence)
    owned = [table.recording == at for at in range(len(recordings))]
    expected = np.array([expected_by_word[own].sum() for own in owned])
    variance = np.array([variance_by_word[own].sum() for own in owned])
    errors = np.array([each.errors for each in recordings], dtype=np.float64)
    scale = errors.sum() / expected.sum()
    dispersion = ((errors / scale - expected) ** 2).sum() / variance.sum()
    return float(scale), float(dispersion)


def _coefficients(features: Numbers, wrong: NDArray[np.bool_]) -> tuple[Numbers, float]:
    """Weights for the features as they are, found on features scaled to one spread."""
    from sklearn.linear_model import LogisticRegression

    spread = features.std(axis=0)
    scale = np.where(spread > _CONSTANT, spread, 1.0)
    centred = (features - features.mean(axis=0)) / scale
    model = LogisticRegression(C=_STRENGTH / len(wrong), max_iter=2000).fit(centred, ~wrong)
    weights = model.coef_[0] / scale
    return weights, float(model.intercept_[0] - features.mean(axis=0) @ weights)


def _table(recordings: Sequence[LabelledRecording]) -> _Table:
    wrong: list[bool] = []
    groups: list[str] = []
    owners: list[int] = []
    for at, recording in enumerate(recordings):
        count = len(recording.words)
        wrong.extend(recording.wrong)
        groups.extend([recording.group] * count)
        owners.extend([at] * count)
    return _Table(
        features=np.concatenate([feature_table(each.words) for each in recordings]),
        wrong=np.array(wrong, dtype=bool),
        groups=groups,
        recording=np.array(owners, dtype=np.intp),
    )
