"""Links the speakers of windows that were diarized independently."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from trax.diarization.engine import DiarizationOptions
from trax.diarization.labels import sorted_turns, speaker_label
from trax.transcript import Diarization, Span, Turn

SAME_VOICE = 0.5
"""Cosine distance below which the speakers of two windows are taken for one person."""

_NEVER = 1e3  # distance of two speakers of one window, who are known to differ

_Vectors = NDArray[np.float64]


def link_windows(
    windows: Sequence[Span],
    parts: Sequence[Diarization],
    options: DiarizationOptions,
) -> Diarization:
    """Join the diarizations of windows into one, with the same label for the same voice.

    Speakers are matched by complete-linkage clustering of their embeddings; two speakers of one
    window are never joined. Labels are numbered by first appearance.

    Args:
        windows: where each part lies in the recording.
        parts: a diarization for each window; times count from the window's start.
        options: a given number of speakers is kept to.
    """
    speakers = [(at, label) for at, part in enumerate(parts) for label in sorted(part.embeddings)]
    vectors = np.array([parts[at].embeddings[label] for at, label in speakers])
    most = options.speakers or options.max_speakers
    clusters = _clusters(vectors, [at for at, _label in speakers], most)
    cluster_of = dict(zip(speakers, clusters, strict=True))
    spoken = _clustered([part.turns for part in parts], windows, cluster_of)
    alone = _clustered([part.exclusive_turns for part in parts], windows, cluster_of)
    labels = _by_first_appearance(spoken)
    return Diarization(
        turns=_relabelled(spoken, labels),
        exclusive_turns=_relabelled(alone, labels),
        embeddings=_mean_embeddings(vectors, clusters, labels),
        engine=parts[0].engine,
        voice_model=parts[0].voice_model,
    )


def _clustered(
    turns: Sequence[Iterable[Turn]],
    windows: Sequence[Span],
    cluster_of: dict[tuple[int, str], int],
) -> tuple[Turn, ...]:
    """The turns of all windows, at their time in the recording and by cluster."""

    def moved() -> Iterator[Turn]:
        for at, window in enumerate(windows):
            for turn in turns[at]:
                cluster = cluster_of[at, turn.speaker]
                yield replace(turn.shifted(window.start), speaker=str(cluster))

    return sorted_turns(moved())


def _mean_embeddings(
    vectors: _Vectors,
    clusters: Sequence[int],
    labels: dict[str, str],
) -> dict[str, tuple[float, ...]]:
    found = {}
    for cluster, label in labels.items():
        members = [str(each) == cluster for each in clusters]
        found[label] = tuple(float(value) for value in vectors[members].mean(axis=0))
    return found


def _clusters(vectors: _Vectors, windows: Sequence[int], most: int | None) -> list[int]:
    """A number for each vector; equal numbers are one person."""
    if len(vectors) < 2 or len(set(windows)) < 2:
        return list(range(len(vectors)))
    distances = squareform(np.nan_to_num(pdist(vectors, metric="cosine"), nan=1.0))
    same_window = np.equal.outer(windows, windows) & ~np.eye(len(windows), dtype=bool)
    apart = np.where(same_window, _NEVER, distances)
    tree = linkage(squareform(apart), method="complete")
    clusters = fcluster(tree, SAME_VOICE, criterion="distance")
    if most is not None and len(set(clusters)) > most:
        clusters = fcluster(tree, most, criterion="maxclust")
    return [int(each) for each in clusters]


def _by_first_appearance(turns: Sequence[Turn]) -> dict[str, str]:
    order = dict.fromkeys(turn.speaker for turn in turns)
    return {old: speaker_label(number) for number, old in enumerate(order)}


def _relabelled(turns: Sequence[Turn], labels: dict[str, str]) -> tuple[Turn, ...]:
    return sorted_turns(replace(turn, speaker=labels[turn.speaker]) for turn in turns)
