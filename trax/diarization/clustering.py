"""How many speakers there are, and their voices: pieces of speech clustered by voice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from trax.diarization.engine import DiarizationOptions
from trax.diarization.evidence import Piece
from trax.transcript import SpeakerCount

SAME_VOICE = 0.45
"""Distance (one minus the corrected cosine) up to which two voices are taken for one speaker's.

Half-way between the clips of one speaker that are least alike (0.34) and those of two that are most
alike (0.53).
"""

_DOUBT = 1.0
"""Seconds of speech at which two embeddings of one voice have half the cosine of long ones.

Fitted to clips of 0.3 to 3.5 s of 9 speakers, whose mean cosines are 0.24, 0.31, 0.49, 0.65 and
0.76.
"""

_BLOCK = 2000  # pieces clustered at once; an hour has fewer
_LEAST_SHARE = 0.005  # of all speech: a cluster with less is nobody's, within these bounds:
_LEAST = 0.5  # seconds
_LEAST_AT_MOST = 5.0  # seconds
_FARTHEST = 2.0  # the largest distance
_MOST_CUTS = 200  # cuts of the tree that are tried to find more speakers

_Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Speakers:
    """Everybody who speaks.

    Attributes:
        voices: a unit-length embedding for each, shape ``(speakers, numbers)``.
        count: evidence for their number; ``None`` if nobody speaks.
        others: voices with too little speech to be counted.
        others_seconds: seconds of speech of those.
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
        """The chosen voices, in that order."""
        return _Voices(self.sums[chosen], self.seconds[chosen])

    def large(self, least: float) -> int:
        """The number of voices with at least so many seconds of speech."""
        return int((self.seconds >= least).sum())

    @property
    def unit(self) -> _Vectors:
        """The embeddings, scaled to unit length."""
        lengths = np.linalg.norm(self.sums, axis=1, keepdims=True)
        scaled: _Vectors = self.sums / np.maximum(lengths, 1e-9)
        return scaled

    def distances(self) -> _Vectors:
        """One minus the cosine of each pair, corrected for the uncertainty of short voices.

        The cosine of two noisy vectors is that of the true ones times the square roots of their
        reliabilities (Spearman's correction for attenuation, 1904), so that voices of any length
        share one threshold.
        """
        reliability = np.sqrt(self.seconds / (self.seconds + _DOUBT))
        cosine = (self.unit @ self.unit.T) / np.outer(reliability, reliability)
        distances = np.clip(1 - cosine, 0.0, _FARTHEST)
        np.fill_diagonal(distances, 0.0)
        symmetric: _Vectors = (distances + distances.T) / 2
        return symmetric


def find_speakers(pieces: Sequence[Piece], options: DiarizationOptions) -> Speakers:
    """Find the speakers whose voices are in *pieces*, within the number that *options* allow.

    Average-linkage clustering, in blocks of some two thousand pieces first, so that ten hours cost
    ten times one hour. A cluster with less than half a second of speech, or half a percent of it up
    to five seconds, is nobody's.
    """
    if not pieces:
        return Speakers(np.zeros((0, 0)), None)
    voices = _voices(pieces)
    least = min(_LEAST_AT_MOST, max(_LEAST, _LEAST_SHARE * float(voices.seconds.sum())))
    tree = _tree(voices)
    clusters = _clusters(tree, voices, least, options)
    by_speech = np.argsort(-clusters.seconds, kind="stable")
    fewest, most = options.bounds
    wanted = max(clusters.large(least), min(fewest, len(by_speech)), 1)
    kept = by_speech[: min(most, wanted)]
    found = clusters.only(kept)
    rest = clusters.only(by_speech[len(kept) :])
    count = _count(found, tree, voices, least)
    return Speakers(found.unit, count, len(rest.seconds), float(rest.seconds.sum()))


def _voices(pieces: Sequence[Piece]) -> _Voices:
    """A voice for each piece, or for each cluster of a block of many."""
    seconds = np.array([piece.seconds for piece in pieces])
    embeddings = np.stack([piece.voice for piece in pieces])
    voices = _Voices(embeddings * seconds[:, None], seconds)
    if len(pieces) <= _BLOCK:
        return voices
    blocks = np.array_split(np.arange(len(pieces)), -(-len(pieces) // _BLOCK))
    parts = []
    for block in blocks:
        inside = voices.only(block)
        parts.append(inside.joined(_cut(_tree(inside), SAME_VOICE)))
    return _Voices(
        np.concatenate([part.sums for part in parts]),
        np.concatenate([part.seconds for part in parts]),
    )


def _tree(voices: _Voices) -> _Vectors:
    """The linkage of *voices* in SciPy's form; that of a single voice is empty."""
    if len(voices.seconds) < 2:
        return np.zeros((0, 4))
    condensed = squareform(voices.distances(), checks=False)
    tree: _Vectors = linkage(condensed, method="average")
    return tree


def _cut(tree: _Vectors, distance: float) -> NDArray[np.int64]:
    """A label from 0 for each voice."""
    if not len(tree):
        return np.zeros(1, dtype=np.int64)
    clusters = fcluster(tree, distance, criterion="distance")
    labels: NDArray[np.int64]
    _, labels = np.unique(clusters, return_inverse=True)
    return labels


def _clusters(
    tree: _Vectors,
    voices: _Voices,
    least: float,
    options: DiarizationOptions,
) -> _Voices:
    """Clusters at `SAME_VOICE`, or at the nearest distance with an allowed number of speakers."""
    fewest, most = options.bounds
    found = _settled(voices.joined(_cut(tree, SAME_VOICE)))
    if found.large(least) < fewest:
        for finer in _finer(tree, voices):
            if finer.large(least) >= fewest:
                return finer
    elif found.large(least) > most:
        for coarser in _coarser(found):
            if coarser.large(least) <= most:
                return coarser
    return found


def _finer(tree: _Vectors, voices: _Voices) -> Iterator[_Voices]:
    """The clusters of ever lower cuts of the tree."""
    for height in tree[::-1, 2][:_MOST_CUTS]:
        yield voices.joined(_cut(tree, height - 1e-9))


def _coarser(clusters: _Voices) -> Iterator[_Voices]:
    """Clusters of clusters, ever fewer."""
    tree = _tree(clusters)
    for height in tree[:, 2]:
        yield clusters.joined(_cut(tree, height))


def _settled(voices: _Voices) -> _Voices:
    """Clusters joined until no two are one voice: more speech makes a voice better known."""
    while True:
        joined = voices.joined(_cut(_tree(voices), SAME_VOICE))
        if len(joined.seconds) == len(voices.seconds):
            return voices
        voices = joined


def _count(found: _Voices, tree: _Vectors, voices: _Voices, least: float) -> SpeakerCount:
    """How clear the number is: what it would take to find one fewer, and one more."""
    pairs = np.triu_indices(len(found.seconds), 1)
    apart = found.distances()[pairs]
    nearest = float(apart.min()) if len(apart) else _FARTHEST
    return SpeakerCount(
        found=len(found.seconds),
        fewer=round(min(nearest, _FARTHEST) - SAME_VOICE, 3),
        more=round(SAME_VOICE - _widest_join(tree, voices, least), 3),
    )


def _widest_join(tree: _Vectors, voices: _Voices, least: float) -> float:
    """The largest distance up to `SAME_VOICE` that joined two voices with enough speech each."""
    seconds = [*voices.seconds]
    widest = 0.0
    for left, right, height, _ in tree:
        one = seconds[int(left)]
        other = seconds[int(right)]
        seconds.append(one + other)
        if height <= SAME_VOICE and min(one, other) >= least:
            widest = max(widest, float(height))
    return widest
