"""Windows of one recording, diarized apart, put back together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from trax.diarization.engine import DiarizationOptions
from trax.transcript import Diarization, Span, Turn

SAME_VOICE = 0.5
"""Cosine distance below which two windows' speakers are taken for one person."""

_NEVER = 1e3  # distance of two speakers of one window: they are known to differ


def link_windows(
    windows: Sequence[Span], parts: Sequence[Diarization], options: DiarizationOptions
) -> Diarization:
    """One diarization from one for each window, with the same label for the same voice.

    Speakers are matched by complete-linkage clustering of their embeddings: two speakers of one
    window never become one person. Labels are numbered by first appearance. Times in *parts* count
    from their window's start.
    """
    speakers = [(at, label) for at, part in enumerate(parts) for label in sorted(part.embeddings)]
    vectors = np.array([parts[at].embeddings[label] for at, label in speakers])
    people = _people(vectors, [at for at, _ in speakers], options.speakers or options.max_speakers)
    person = dict(zip(speakers, people, strict=True))

    def joined(turns_of: str) -> list[Turn]:
        return sorted(
            (
                replace(turn.shifted(window.start), speaker=str(person[at, turn.speaker]))
                for at, (window, part) in enumerate(zip(windows, parts, strict=True))
                for turn in getattr(part, turns_of)
            ),
            key=lambda turn: (turn.start, turn.end, turn.speaker),
        )

    turns, exclusive = joined("turns"), joined("exclusive_turns")
    labels = _by_first_appearance(turns)
    return Diarization(
        turns=_relabelled(turns, labels),
        exclusive_turns=_relabelled(exclusive, labels),
        embeddings={
            label: tuple(
                float(value) for value in vectors[[str(who) == old for who in people]].mean(axis=0)
            )
            for old, label in labels.items()
        },
        engine=parts[0].engine,
        voice_model=parts[0].voice_model,
    )


def _people(vectors: NDArray[np.float64], windows: Sequence[int], most: int | None) -> list[int]:
    """A number for each vector; equal numbers are one person."""
    if len(vectors) < 2 or len(set(windows)) < 2:
        return list(range(len(vectors)))
    distances = squareform(np.nan_to_num(pdist(vectors, metric="cosine"), nan=1.0))
    same_window = np.equal.outer(windows, windows) & ~np.eye(len(windows), dtype=bool)
    tree = linkage(squareform(np.where(same_window, _NEVER, distances)), method="complete")
    people = fcluster(tree, SAME_VOICE, criterion="distance")
    if most is not None and len(set(people)) > most:
        people = fcluster(tree, most, criterion="maxclust")
    return [int(who) for who in people]


def _by_first_appearance(turns: Sequence[Turn]) -> dict[str, str]:
    order = dict.fromkeys(turn.speaker for turn in turns)
    return {old: f"SPEAKER_{number:02d}" for number, old in enumerate(order)}


def _relabelled(turns: Sequence[Turn], labels: dict[str, str]) -> tuple[Turn, ...]:
    renamed = (replace(turn, speaker=labels[turn.speaker]) for turn in turns)
    return tuple(sorted(renamed, key=lambda turn: (turn.start, turn.end, turn.speaker)))
