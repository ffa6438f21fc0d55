"""How far figures taken on a few recordings can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, bootstrap

_RESAMPLES = 9999
_LEVEL = 0.95
_FEWEST = 5  # recordings; resampling fewer gives intervals that are far too narrow


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval.

    Attributes:
        low: ``None`` like *high* where the recordings are too few to say anything about others.
    """

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def differs_from_zero(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high

    def __str__(self) -> str:
        """The figure, and the interval in brackets."""
        if self.low is None or self.high is None:
            return f"{self.value:.1f}"
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


def share(successes: int, trials: int) -> Estimate:
    """Successes in per cent of *trials*, with Wilson's interval."""
    found = binomtest(successes, trials).proportion_ci(_LEVEL, method="wilson")
    return Estimate(100 * successes / trials, 100 * found.low, 100 * found.high)


def error_rate(errors: Sequence[float], totals: Sequence[float]) -> Estimate:
    """Errors in per cent of totals, both summed over recordings, with a percentile bootstrap over
    recordings.
    """
    value = float(_rate(errors, totals))
    if len(errors) < _FEWEST:
        return Estimate(value)
    found = bootstrap(
        (errors, totals),
        _rate,
        paired=True,
        vectorized=True,
        n_resamples=_RESAMPLES,
        confidence_level=_LEVEL,
        method="percentile",
        rng=0,
    ).confidence_interval
    return Estimate(value, float(found.low), float(found.high))


def difference(
    errors: Sequence[float], others: Sequence[float], totals: Sequence[float]
) -> Estimate:
    """How many points the error rate of *errors* lies above that of *others*.

    The bootstrap is paired: a resample holds the errors of both systems on the same recordings.
    """
    return error_rate(np.subtract(errors, others).tolist(), totals)


def verdict(found: Estimate) -> str:
    """A difference in words: one whose interval holds zero is called none."""
    return str(found) if found.differs_from_zero else f"none: {found}"


def _rate(errors: ArrayLike, totals: ArrayLike, axis: int = -1) -> NDArray[np.float64]:
    return np.asarray(100 * np.sum(errors, axis=axis) / np.sum(totals, axis=axis))
