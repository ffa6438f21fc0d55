"""Turns checked by their own voice.

A pipeline that clusters voices found in sliding windows can take two people who follow each other for one. Each
piece of a turn is therefore embedded once more by itself, and given to another speaker where it clearly sounds like
that one: one step of resegmentation, as k-means over pieces with the pipeline's answer as the start.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.transcript import Span, Turn

PIECE = 2.0
"""Seconds of speech that are embedded at once; longer turns are cut into equal pieces of about this length."""

SHORTEST = 0.8
"""Seconds below which a voice cannot be told; such a piece keeps its speaker."""

MARGIN = 0.1
"""Cosine by which a piece must be nearer to another speaker before it is moved."""

_ROUNDS = 3

Embed = Callable[[Span], NDArray[np.float64]]
"""A voice embedding of a stretch of audio, any length."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Turns after the check.

    Attributes:
        voices: a unit-length embedding for each speaker that is left and long enough to have one.
    """

    turns: tuple[Turn, ...]
    exclusive_turns: tuple[Turn, ...]
    voices: dict[str, NDArray[np.float64]]


def check_voices(turns: Sequence[Turn], exclusive: Sequence[Turn], embed: Embed) -> Checked:
    """Give pieces of *exclusive* turns to the speaker whose voice they have; *turns* follow.

    Where somebody's piece is moved while the other speaks too, the two are swapped there. With one speaker there is
    nobody to move to, and nothing is embedded.
    """
    if len({turn.speaker for turn in exclusive}) < 2:
        return Checked(tuple(turns), tuple(exclusive), {})
    pieces = [piece for turn in exclusive for piece in _pieces(turn)]
    told = [index for index, piece in enumerate(pieces) if piece.duration >= SHORTEST]
    vectors = np.array([_unit(embed(pieces[index])) for index in told])
    labels = [pieces[index].speaker for index in told]
    for _ in range(_ROUNDS if told else 0):
        voices = _centroids(vectors, labels)
        labels = [_nearest(vector, label, voices) for vector, label in zip(vectors, labels, strict=True)]
    moved = {index: label for index, label in zip(told, labels, strict=True) if label != pieces[index].speaker}
    changes = [(pieces[index], label) for index, label in moved.items()]
    relabelled = [replace(piece, speaker=moved.get(index, piece.speaker)) for index, piece in enumerate(pieces)]
    return Checked(
        turns=_joined(part for turn in turns for part in _relabelled(turn, changes)),
        exclusive_turns=_joined(relabelled),
        voices=_centroids(vectors, labels) if told else {},
    )


def _pieces(turn: Turn) -> list[Turn]:
    count = max(1, round(turn.duration / PIECE))
    edges = [turn.start + turn.duration * at / count for at in range(count)] + [turn.end]
    return [Turn(start, end, turn.speaker) for start, end in pairwise(edges)]


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    clean = np.nan_to_num(np.asarray(vector, dtype=np.float64))
    return clean / max(float(np.linalg.norm(clean)), 1e-9)


def _centroids(vectors: NDArray[np.float64], labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    return {label: _unit(vectors[[other == label for other in labels]].mean(axis=0)) for label in sorted(set(labels))}


def _nearest(vector: NDArray[np.float64], label: str, voices: dict[str, NDArray[np.float64]]) -> str:
    best = max(sorted(voices), key=lambda other: float(vector @ voices[other]))
    return best if float(vector @ voices[best]) > float(vector @ voices[label]) + MARGIN else label


def _relabelled(turn: Turn, changes: Sequence[tuple[Turn, str]]) -> list[Turn]:
    """The turn cut at the edges of moved pieces, each part with its new speaker."""
    near = [(piece, label) for piece, label in changes if piece.overlap(turn) > 0]
    edges = {turn.start, turn.end}
    for piece, _ in near:
        edges |= {max(turn.start, piece.start), min(turn.end, piece.end)}
    cuts = sorted(edges)
    return [Turn(start, end, _speaker_at(turn.speaker, (start + end) / 2, near)) for start, end in pairwise(cuts)]


def _speaker_at(speaker: str, moment: float, changes: Sequence[tuple[Turn, str]]) -> str:
    for piece, label in changes:
        if piece.start <= moment < piece.end:
            if speaker == piece.speaker:
                return label
            if speaker == label:
                return piece.speaker
    return speaker


def _joined(parts: Iterable[Turn]) -> tuple[Turn, ...]:
    """Parts in order of time, those of one speaker that touch made one."""
    last: dict[str, Turn] = {}
    done: list[Turn] = []
    for part in sorted(parts, key=lambda part: (part.start, part.end, part.speaker)):
        before = last.get(part.speaker)
        if before is not None and part.start <= before.end + 1e-6:
            last[part.speaker] = replace(before, end=max(before.end, part.end))
        else:
            if before is not None:
                done.append(before)
            last[part.speaker] = part
    return tuple(sorted([*done, *last.values()], key=lambda turn: (turn.start, turn.end, turn.speaker)))
