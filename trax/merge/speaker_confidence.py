"""The probability that a word has the right speaker: from who probably speaks, and where turns end.

Logistic regression on three figures. `benchmarks.speaker_confidence` fits the coefficients.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from trax.transcript import Activity, Diarization, Turn, Word

INTERCEPT = 2.21
WEIGHTS = (0.291, 0.376, 0.431)
"""Of `speaker_figures`, in order."""

_EDGE = 0.005  # probabilities nearer to 0 or 1 than this carry no more information
_FARTHEST = 3.0  # seconds from a turn's edge that no longer matter
_NEAREST = 0.05  # seconds within which the edge is not known


def with_speaker_confidence(words: Sequence[Word], diarization: Diarization) -> list[Word]:
    """The *words* with the probability that each has the right speaker.

    A word has none where the engine does not say who probably speaks.
    """
    found = []
    for word, figures in zip(words, speaker_figures(words, diarization), strict=True):
        known = word.speaker in diarization.activity.levels
        found.append(replace(word, speaker_confidence=_confidence(figures) if known else None))
    return found


def speaker_figures(
    words: Sequence[Word], diarization: Diarization
) -> list[tuple[float, float, float]]:
    """Three figures of each word.

    The log odds that its speaker speaks; those that it is this speaker if it is one of all; and the
    logarithm of the seconds from its middle to the nearer edge of the speaker's turn.
    """
    turns = sorted(diarization.exclusive_turns, key=lambda turn: turn.start)
    starts = [turn.start for turn in turns]
    found = []
    for word in words:
        own, share = _speaking(word, diarization.activity)
        at = bisect_right(starts, word.middle) - 1
        seconds = _within(word, turns[at]) if at >= 0 else 0.0
        depth = math.log(_NEAREST + min(_FARTHEST, seconds))
        found.append((_log_odds(own), _log_odds(share), depth))
    return found


def _speaking(word: Word, activity: Activity) -> tuple[float, float]:
    """The probability that the word's speaker speaks, and its share of everybody's."""
    probabilities = activity.during(word)
    own = probabilities.get(word.speaker or "", 0.0)
    total = sum(probabilities.values())
    return own, own / total if total else 0.5


def _within(word: Word, turn: Turn) -> float:
    """Seconds from the middle of *word* to the nearer edge of *turn*; 0 if it is not in it."""
    if turn.speaker != word.speaker:
        return 0.0
    return max(0.0, min(word.middle - turn.start, turn.end - word.middle))


def _confidence(figures: Sequence[float]) -> float:
    log_odds = INTERCEPT
    for weight, figure in zip(WEIGHTS, figures, strict=True):
        log_odds += weight * figure
    return round(1 / (1 + math.exp(-log_odds)), 3)


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(clipped / (1 - clipped))
