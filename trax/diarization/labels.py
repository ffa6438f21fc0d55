"""Speakers' labels and the order of their turns."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.transcript import Activity, Turn

_LEVELS = 9  # the highest digit of an activity


def speaker_label(number: int) -> str:
    """The label of the speaker who is *number* by first appearance, counting from 0."""
    return f"SPEAKER_{number:02d}"


def sorted_turns(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """*turns* by start, then end, then label."""
    return tuple(sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def activity_levels(shares: NDArray[np.floating[Any]], labels: Mapping[int, str]) -> Activity:
    """Probabilities of speech in ninths.

    Args:
        shares: in [0, 1], shape ``(steps, columns)``.
        labels: the speaker of each column that is wanted.
    """
    ninths = np.rint(shares * _LEVELS).astype(int).clip(0, _LEVELS)
    levels = {}
    for column, label in labels.items():
        levels[label] = "".join(map(str, ninths[:, column]))
    return Activity(levels)
