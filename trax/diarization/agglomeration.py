"""Voices joined step by step while one person is likelier than two.

How likely comes from two sources: the likelihood ratio of a PLDA, which knows how uncertain short
pieces are, and what the windows say in which both were heard. All scores are in nats.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from trax.diarization.links import Links

_NOISE = 0.8
"""Variance of a long piece of one voice, in each dimension of the PLDA's space."""

_SHORT = 1.6
"""Seconds at which a piece has twice that variance."""

_DRIFT = 0.15
"""Variance that remains however much somebody says: people do not always sound alike."""

_OFFSET = 0.6
"""Share of a recording's mean voice that is its channel's rather than its speakers'."""

_LINK = 20.0
"""Nats that windows are worth when they are sure of one person, or of two."""

_FEW_LINKS = 2.0
"""Linked pairs of pieces below which windows count for less."""

_Array = NDArray[np.float64]
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Voices, each of a piece of speech or of several.

    Attributes:
        points: their means in the PLDA's space, shape ``(voices, dimensions)``.
        precision: inverse variances of the means, but for the drift, ``(voices,)``.
        sums: sums of unit-length embeddings weighted by seconds, ``(voices, numbers)``.
        seconds: of speech, ``(voices,)``.
    """

    points: _Array
    precision: _Array
    sums: _Array
    seconds: _Array

    @classmethod
    def of_pieces(cls, points: _Array, units: _Array, seconds: _Array) -> Self:
        """A voice for each piece, without the recording's own sound.

        Args:
            points: shape ``(pieces, dimensions)``.
            units: unit-length embeddings.
            seconds: of each piece.
        """
        precision = 1 / (_NOISE * (1 + _SHORT / seconds))
        channel = _OFFSET * np.average(points, axis=0, weights=precision)
        return cls(points - channel, precision, units * seconds[:, None], seconds)

    def only(self, chosen: _Numbers) -> Self:
        """The chosen voices, in that order."""
        return type(self)(
            self.points[chosen],
            self.precision[chosen],
            self.sums[chosen],
            self.seconds[chosen],
        )

    def together(self, others: "Voices") -> "Voices":
        """These and *others*."""
        return Voices(
            np.concatenate([self.points, others.points]),
            np.concatenate([self.precision, others.precision]),
            np.concatenate([self.sums, others.sums]),
            np.concatenate([self.seconds, others.seconds]),
        )

    def large(self, least: float) -> int:
        """The number of voices with at least so many seconds of speech."""
        return int((self.seconds >= least).sum())

    @property
    def unit(self) -> _Array:
        """The embeddings, scaled to unit length."""
        lengths = np.linalg.norm(self.sums, axis=1, keepdims=True)
        scaled: _Array = self.sums / np.maximum(lengths, 1e-9)
        return scaled


class Agglomeration:
    """Voices that are joined two by two.

    Args:
        voices: stay as they are.
        between: how much speakers differ in each dimension.
        links: what windows say of each two.
        least: seconds of speech from which a voice counts in `weakest`.

    Attributes:
        weakest: the lowest score with which two voices of *least* seconds each were joined.
    """

    def __init__(self, voices: Voices, between: _Array, links: Links, least: float) -> None:
        count = len(voices.seconds)
        self._voices = voices.only(np.arange(count))  # a copy: it changes in place
        self._between = between
        self._one = links.one.toarray()
        self._two = links.two.toarray()
        self._seen = links.seen.toarray()
        self._least = least
        self._alive = np.ones(count, dtype=bool)
        self._scores = np.full((count, count), -np.inf)
        self.weakest = np.inf
        for number in range(count):
            self._score(number)

    @property
    def voices(self) -> Voices:
        """The voices as they are now, in the order of their first pieces."""
        return self._voices.only(np.flatnonzero(self._alive))

    def best(self) -> float:
        """The score of the two voices that are most likely one person's; -inf if there is one."""
        return float(self._scores.max(initial=-np.inf))

    def join_while_above(self, score: float) -> None:
        """Join the likeliest pair again and again while its score is above *score*."""
        while self.best() > score:
            self.join()

    def join(self) -> None:
        """Join the pair with the best score."""
        count = len(self._alive)
        first, second = sorted(divmod(int(self._scores.argmax()), count))
        voices = self._voices
        if min(voices.seconds[first], voices.seconds[second]) >= self._least:
            self.weakest = min(self.weakest, self.best())
        weight, other = voices.precision[first], voices.precision[second]
        moved = weight * voices.points[first] + other * voices.points[second]
        voices.points[first] = moved / (weight + other)
        for values in (voices.precision, voices.sums, voices.seconds):
            values[first] += values[second]
        for links in (self._one, self._two, self._seen):
            links[first] += links[second]
            links[:, first] += links[:, second]
            links[first, first] = 0.0
        self._alive[second] = False
        self._scores[second] = self._scores[:, second] = -np.inf
        self._score(first)

    def _score(self, number: int) -> None:
        """Score the pairs of one voice with all others anew."""
        row = self._likelihood_ratios(number) + self._window_scores(number)
        row[~self._alive] = -np.inf
        row[number] = -np.inf
        self._scores[number] = row
        self._scores[:, number] = row

    def _likelihood_ratios(self, number: int) -> _Array:
        """Logarithm of how much likelier one speaker is than two, for each other voice."""
        between = self._between
        points = self._voices.points
        variances = 1 / self._voices.precision + _DRIFT
        own = between + variances[number]
        others = between + variances[:, None]
        determinant = own * others - between**2
        product = points[number] * points
        squares = others * points[number] ** 2 + own * points**2
        together = (squares - 2 * between * product) / determinant
        apart = points[number] ** 2 / own + points**2 / others
        ratios: _Array = 0.5 * (np.log(own * others / determinant) + apart - together).sum(axis=1)
        return ratios

    def _window_scores(self, number: int) -> _Array:
        linked = np.maximum(self._seen[number], _FEW_LINKS)
        scores: _Array = _LINK * (self._one[number] - self._two[number]) / linked
        return scores
