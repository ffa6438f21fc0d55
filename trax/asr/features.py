"""What a calibration weighs: figures of each word, of its neighbours and of the readings."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trax.asr.evidence import Evidence, WordHypothesis
from trax.asr.timing import usual_duration

Numbers = NDArray[np.float64]

_EDGE = 0.002  # mean probabilities nearer to 0 or 1 than this carry no more information
_TOKEN_EDGE = 1e-5  # nor do those of single tokens nearer than this
_PAUSE = 0.3  # seconds
_FAR = 5.0  # seconds from a window's edge that no longer matter
_RATE_WORDS = 3  # on either side, over which the rate of speech is taken
_FASTEST = 30.0  # letters a second
_BENDS = {
    "probability": (-1.0, 1.0, 3.0),
    "nearby": (0.0, 2.0),
    "weakest": (0.0, 3.0),
    "rate": (12.0, 18.0),
    "haste": (0.5, 1.0),
}
"""Values beyond which a feature may weigh more or less than below them."""

_PLAIN = (
    "probability",
    "weakest",
    "log_probability",
    "together",
    "mean_log_probability",
    "compression",
    "haste",
    "letters",
    "from_start",
    "to_end",
    "after_pause",
    "before_pause",
    "agreed",
    "disputed",
    "support",
    "rival",
    "share",
    "before",
    "after",
    "least_beside",
    "near",
    "least_near",
    "nearby",
    "disputed_beside",
    "disputed_near",
    "capital",
    "ends",
    "rate",
)

FEATURES = (
    *_PLAIN,
    *(f"{name} over {bend:g}" for name, bends in _BENDS.items() for bend in bends),
)
"""Names of the features, in the order of the columns."""


def feature_table(words: Sequence[WordHypothesis]) -> Numbers:
    """The features of *words* that follow each other, shape ``(words, features)``.

    A word without evidence has zeros, and counts for its neighbours as one that may be right or
    wrong.
    """
    table = np.zeros((len(words), len(FEATURES)))
    if not words:
        return table
    around = _around(words)
    for at, word in enumerate(words):
        if word.evidence is None:
            continue
        values = _own(word, word.evidence) | {name: each[at] for name, each in around.items()}
        plain = [values[name] for name in _PLAIN]
        bent = [max(0.0, values[name] - bend) for name, bends in _BENDS.items() for bend in bends]
        table[at] = [*plain, *bent]
    return table


def _own(word: WordHypothesis, evidence: Evidence) -> dict[str, float]:
    probability = evidence.probability
    weakest = probability if evidence.weakest is None else evidence.weakest
    log_probability = evidence.log_probability
    if log_probability is None:
        log_probability = math.log(max(probability, _TOKEN_EDGE))
    return {
        "probability": _logit(probability),
        "weakest": _logit(weakest, _TOKEN_EDGE),
        "log_probability": max(-6.0, log_probability),
        "together": _logit(word.confidence or 0.0, _TOKEN_EDGE),
        "mean_log_probability": max(-2.0, evidence.mean_log_probability),
        "compression": min(3.0, evidence.compression_ratio),
        "haste": abs(math.log2(max(word.duration, 0.02) / usual_duration(word.text))),
        "letters": math.log(len(word.text) + 1),
        "from_start": min(_FAR, evidence.from_start),
        "to_end": min(_FAR, evidence.to_end),
        "agreed": float(evidence.agreed),
        "disputed": float(evidence.disputed),
        "support": _logit(evidence.support),
        "rival": _logit(evidence.rival),
        "share": (evidence.agreed + 1) / evidence.readings,
        "ends": float(word.text[-1:] in ".?!,"),
    }


def _around(words: Sequence[WordHypothesis]) -> dict[str, list[float]]:
    """What the words around each word say, by feature."""
    sure = [0.0 if word.evidence is None else _logit(word.evidence.probability) for word in words]
    disputed = [_disputed_share(word) for word in words]
    places = range(len(words))
    beside = [_neighbours(sure, at, 1) for at in places]
    near = [_neighbours(sure, at, 2) for at in places]
    return {
        "before": [sure[max(0, at - 1)] for at in places],
        "after": [sure[min(len(words) - 1, at + 1)] for at in places],
        "least_beside": [min(each) for each in beside],
        "near": [_mean(each) for each in near],
        "least_near": [min(each) for each in near],
        "nearby": [_mean(sure[max(0, at - 4) : at + 5]) for at in places],
        "disputed_beside": [max(_neighbours(disputed, at, 1)) for at in places],
        "disputed_near": [_mean(_neighbours(disputed, at, 2)) for at in places],
        "after_pause": [float(_gap(words, at) > _PAUSE) for at in places],
        "before_pause": [float(_gap(words, at + 1) > _PAUSE) for at in places],
        "capital": [float(_is_name(words, at)) for at in places],
        "rate": [_rate(words, at) for at in places],
    }


def _neighbours(values: Sequence[float], at: int, reach: int) -> Sequence[float]:
    """The values at most *reach* places away; the value itself if it is alone."""
    found = [*values[max(0, at - reach) : at], *values[at + 1 : at + reach + 1]]
    return found or [values[at]]


def _disputed_share(word: WordHypothesis) -> float:
    evidence = word.evidence
    return 0.0 if evidence is None else evidence.disputed / evidence.readings


def _gap(words: Sequence[WordHypothesis], at: int) -> float:
    """Seconds between a word and the one before it; without end before the first and last."""
    if at in (0, len(words)):
        return math.inf
    return words[at].start - words[at - 1].end


def _is_name(words: Sequence[WordHypothesis], at: int) -> bool:
    """Whether the word has a capital though it begins no sentence."""
    if at == 0 or words[at - 1].text[-1:] in ".?!":
        return False
    return words[at].text[:1].isupper()


def _rate(words: Sequence[WordHypothesis], at: int) -> float:
    """Letters a second around the word."""
    some = words[max(0, at - _RATE_WORDS) : at + _RATE_WORDS + 1]
    seconds = max(0.2, some[-1].end - some[0].start)
    return min(_FASTEST, sum(len(word.text) for word in some) / seconds)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _logit(probability: float, edge: float = _EDGE) -> float:
    clipped = min(max(probability, edge), 1 - edge)
    return math.log(clipped / (1 - clipped))
