"""How many people speak, and what their voices are: pieces of speech clustered by voice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from trax.diarization.engine import DiarizationOptions
from trax.diarization.evidence import Piece
from trax.transcript import SpeakerCount

SAME_VOICE = 0.45
"""Distance (one minus the corrected cosine) up to which two voices are taken for one person's.

Half-way between the clips of one speaker that are least alike (0.34) and those of two that are most
alike (0.53).
"""

_DOUBT = 1.0
"""Seconds of speech with which two embeddings of one voice have half of the cosine that long ones
have.

Fitted to clips of 0.3 to 3.5 s of 9 speakers, whose mean cosines are 0.24, 0.31, 0.49, 0.65 and
0.76.
"""

_BLOCK = 2000  # pieces clustered at once; an hour's are fewer
_LEAST_SHARE, _LEAST, _LEAST_AT_MOST = 0.005, 0.5, 5.0
_DIFFERENT = 2.0  # the largest distance
_MOST_CUTS = 200  # that are tried to find more people than there seem to be

_Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Everybody who speaks.

    Attributes:
        voices: a unit-length embedding each, shape ``(people, numbers)``.
        count: evidence for their number; ``None`` where nobody speaks.
        others: voices that were heard for too short to be people.
        others_seconds: of their speech.
    """

    voices: _Vectors
    count: SpeakerCount | None
    others: int = 0
    others_seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Voices:
    """Sums of embeddings with the seconds of speech they were made from."""

    sums: _Vectors
    seconds: NDArray[np.float64]

    def joined(self, labels: NDArray[np.int64]) -> "_Voices":
        """One voice for each label."""
        wanted = np.arange(labels.max() + 1)
        member = (labels[None, :] == wanted[:, None]).astype(float)
        return _Voices(member @ self.sums, member @ self.seconds)

    def only(self, chosen: NDArray[np.int64]) -> "_Voices":
        return _Voices(self.sums[chosen], self.seconds[chosen])

    def large(self, least: float) -> int:
        """Voices with at least so many seconds of speech."""
        return int((self.seconds >= least).sum())

    @property
    def unit(self) -> _Vectors:
        scaled: _Vectors = self.sums / np.maximum(
            np.linalg.norm(self.sums, axis=1, keepdims=True), 1e-9
        )
        return scaled

    def distances(self) -> _Vectors:
        """One minus the cosine of each two, corrected for how uncertain short voices are.

        The cosine of two noisy vectors is that of the true ones times the square roots of their
        reliabilities (Spearman's correction for attenuation, 1904), so that voices of any length
        share one threshold.
        """
        reliable = np.sqrt(self.seconds / (self.seconds + _DOUBT))
        cosine = (self.unit @ self.unit.T) / np.outer(reliable, reliable)
        distances = np.clip(1 - cosine, 0.0, _DIFFERENT)
        np.fill_diagonal(distances, 0.0)
        symmetric: _Vectors = (distances + distances.T) / 2
        return symmetric


def people(pieces: Sequence[Piece], options: DiarizationOptions) -> People:
    """The people whose voices are in *pieces*, within the number that *options* allow.

    Average-linkage clustering, in blocks of some two thousand pieces first, so that ten hours cost
    ten times one hour. A cluster with less than half a second of speech, or half a percent of it up
    to five seconds, is nobody's.
    """
    if not pieces:
        return People(np.zeros((0, 0)), None)
    voices = _voices(pieces)
    if len(pieces) > _BLOCK:
        blocks = (
            voices.only(block)
            for block in np.array_split(np.arange(len(pieces)), -(-len(pieces) // _BLOCK))
        )
        parts = [block.joined(_cut(_tree(block), SAME_VOICE)) for block in blocks]
        voices = _Voices(
            np.concatenate([p.sums for p in parts]), np.concatenate([p.seconds for p in parts])
        )
    least = min(_LEAST_AT_MOST, max(_LEAST, _LEAST_SHARE * float(voices.seconds.sum())))
    tree = _tree(voices)
    clusters = _chosen(tree, voices, least, options)
    order = np.argsort(-clusters.seconds, kind="stable")
    lowest, most = options.bounds
    kept = order[: min(most, max(clusters.large(least), min(lowest, len(order)), 1))]
    found, rest = clusters.only(kept), clusters.only(order[len(kept) :])
    return People(
        found.unit, _count(found, tree, voices, least), len(rest.seconds), float(rest.seconds.sum())
    )


def _voices(pieces: Sequence[Piece]) -> _Voices:
    seconds = np.array([piece.seconds for piece in pieces])
    return _Voices(np.stack([piece.voice for piece in pieces]) * seconds[:, None], seconds)


def _tree(voices: _Voices) -> _Vectors:
    """The linkage of *voices*, as SciPy gives it; one voice has an empty one."""
    if len(voices.seconds) < 2:
        return np.zeros((0, 4))
    tree: _Vectors = linkage(squareform(voices.distances(), checks=False), method="average")
    return tree


def _cut(tree: _Vectors, distance: float) -> NDArray[np.int64]:
    """A label from 0 for each voice."""
    if not len(tree):
        return np.zeros(1, dtype=np.int64)
    labels: NDArray[np.int64] = np.unique(
        fcluster(tree, distance, criterion="distance"), return_inverse=True
    )[1]
    return labels


def _chosen(tree: _Vectors, voices: _Voices, least: float, options: DiarizationOptions) -> _Voices:
    """Clusters at `SAME_VOICE`, or at the nearest distance at which the number of people is
    allowed.
    """
    lowest, most = options.bounds
    found = _settled(voices.joined(_cut(tree, SAME_VOICE)))
    if found.large(least) < lowest:
        # Going down the tree, the first cut that has enough people.
        lower = (voices.joined(_cut(tree, height - 1e-9)) for height in tree[::-1, 2][:_MOST_CUTS])
        return next((clusters for clusters in lower if clusters.large(least) >= lowest), found)
    if found.large(least) > most:
        above = _tree(found)
        higher = (found.joined(_cut(above, height)) for height in above[:, 2])
        return next((clusters for clusters in higher if clusters.large(least) <= most), found)
    return found


def _settled(voices: _Voices) -> _Voices:
    """Clusters joined as long as two of them are one voice: the more speech each has, the better
    that is known.
    """
    while True:
        joined = voices.joined(_cut(_tree(voices), SAME_VOICE))
        if len(joined.seconds) == len(voices.seconds):
            return voices
        voices = joined


def _count(found: _Voices, tree: _Vectors, voices: _Voices, least: float) -> SpeakerCount:
    """How clear the number is: what it would take to find one fewer, and one more."""
    apart = found.distances()[np.triu_indices(len(found.seconds), 1)]
    nearest = float(apart.min()) if len(apart) else _DIFFERENT
    return SpeakerCount(
        found=len(found.seconds),
        fewer=round(min(nearest, _DIFFERENT) - SAME_VOICE, 3),
        more=round(SAME_VOICE - _widest_join(tree, voices, least), 3),
    )


def _widest_join(tree: _Vectors, voices: _Voices, least: float) -> float:
    """The largest distance up to `SAME_VOICE` at which two voices were joined that could each have
    been a person.
    """
    seconds = [*voices.seconds]
    widest = 0.0
    for left, right, height, _ in tree:
        one, other = seconds[int(left)], seconds[int(right)]
        seconds.append(one + other)
        if height <= SAME_VOICE and min(one, other) >= least:
            widest = max(widest, float(height))
    return widest
