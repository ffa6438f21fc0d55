"""Fits the calibration of confidence on recordings whose text is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.asr.confidence import FEATURES, Calibration, feature_rows
from trax.asr.heard import HeardWord
from trax.errors import InvalidOption

BINS = 10
"""Of equal width, for the calibration error and the reliability diagram."""

_FOLDS = 5
_FEWEST = 200  # words, right and wrong together
_CONSTANT = 1e-6  # a feature that varies by less is the same everywhere
_STRENGTH = 0.3  # inverse of the regularisation: the corpus is small beside the number of features

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Known:
    """A recording as it was heard, and what of it is wrong.

    Attributes:
        wrong: a flag a word.
        errors: of the whole recording, missing words included.
        group: recordings with the same (one speaker's, say) are never both fitted on and tested on.
    """

    words: Sequence[HeardWord]
    wrong: Sequence[bool]
    errors: int
    group: str


def fitted(recordings: Sequence[Known], name: str) -> Calibration:
    """The calibration for *recordings*, with figures cross-validated over their groups.

    Raises:
        InvalidOption: there are too few words, or too few groups to hold some back.
    """
    from sklearn.metrics import roc_auc_score

    rows, wrong, groups, owner = _table(recordings)
    if len(wrong) < _FEWEST or len(set(groups)) < _FOLDS or not 0 < wrong.sum() < len(wrong):
        raise InvalidOption(
            f"too little to calibrate on: {len(wrong)} words, {int(wrong.sum())} of them "
            f"wrong, by {len(set(groups))} "
            f"speakers; at least {_FEWEST} words by {_FOLDS} speakers are needed"
        )
    weights, intercept = _coefficients(rows, wrong)
    held_out = cross_validated(recordings)
    expected = np.array([(1 - held_out[owner == at]).sum() for at in range(len(recordings))])
    variance = np.array(
        [(held_out * (1 - held_out))[owner == at].sum() for at in range(len(recordings))]
    )
    errors = np.array([each.errors for each in recordings], dtype=np.float64)
    scale = errors.sum() / expected.sum()
    spread = ((errors / scale - expected) ** 2).sum() / variance.sum()
    return Calibration(
        fitted_on=name,
        words=len(wrong),
        weights={
            feature: round(float(each), 5) for feature, each in zip(FEATURES, weights, strict=True)
        },
        intercept=round(float(intercept), 5),
        errors_per_expected=round(float(scale), 4),
        dispersion=round(float(max(1.0, spread)), 3),
        auc=round(float(roc_auc_score(wrong, 1 - held_out)), 4),
        ece=round(calibration_error(held_out, wrong), 4),
    )


def cross_validated(recordings: Sequence[Known]) -> Numbers:
    """Each word's confidence by coefficients fitted without its group, in order, shape
    ``(words,)``.
    """
    from sklearn.model_selection import GroupKFold

    rows, wrong, groups, _owner = _table(recordings)
    found = np.zeros(len(wrong))
    for train, test in GroupKFold(_FOLDS).split(rows, wrong, groups):
        weights, intercept = _coefficients(rows[train], wrong[train])
        found[test] = 1 / (1 + np.exp(-(rows[test] @ weights + intercept)))
    return found


def calibration_error(confidence: Numbers, wrong: NDArray[np.bool_]) -> float:
    """Expected calibration error: mean gap between confidence and share of right words, over `BINS`
    bins weighted by their words (Guo et al. 2017).
    """
    return sum(
        count * abs(sure - right) for count, sure, right in reliability(confidence, wrong)
    ) / max(1, len(wrong))


def reliability(confidence: Numbers, wrong: NDArray[np.bool_]) -> list[tuple[int, float, float]]:
    """For each bin with words: how many, their mean confidence, the share of them that is right."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    inside = [bins == at for at in range(BINS) if (bins == at).any()]
    return [
        (int(each.sum()), float(confidence[each].mean()), float(1 - wrong[each].mean()))
        for each in inside
    ]


def _coefficients(rows: Numbers, wrong: NDArray[np.bool_]) -> tuple[Numbers, float]:
    """Weights for the features as they are, found on features of one scale."""
    from sklearn.linear_model import LogisticRegression

    spread = rows.std(axis=0)
    scale = np.where(spread > _CONSTANT, spread, 1.0)
    model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit(rows / scale, ~wrong)
    return model.coef_[0] / scale, float(model.intercept_[0])


def _table(
    recordings: Sequence[Known],
) -> tuple[Numbers, NDArray[np.bool_], list[str], NDArray[np.intp]]:
    """Features, flags, groups and the recording's index, one each word."""
    rows = np.concatenate([feature_rows(each.words) for each in recordings])
    wrong = np.array([flag for each in recordings for flag in each.wrong], dtype=bool)
    groups = [each.group for each in recordings for _word in each.words]
    owner = np.array(
        [at for at, each in enumerate(recordings) for _word in each.words], dtype=np.intp
    )
    return rows, wrong, groups, owner
