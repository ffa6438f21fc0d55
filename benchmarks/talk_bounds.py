"""How often bounds of talk hold, and which constants would be chosen without a source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Row
from trax.merge.sure_talk import EDGES, LEAST, OTHERS, OWN

_PROMISED = 0.9
_CHOICES = (
    (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
    (0.0, 0.25, 0.5, 1.0, 1.5, 2.0),
    (0.02, 0.03, 0.04, 0.05, 0.07, 0.1),
    (0.0, 0.25, 0.5, 1.0),
)

Constants = tuple[float, ...]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one speaker of a recording said, in seconds.

    Attributes:
        talk: that was found.
        true: that there is.
        right: of the talk that was found.
        own: of their turns, probably another's.
        others: of others' turns, probably not theirs.
        longest: of the recording.
    """

    talk: float
    true: float
    right: float
    own: float
    others: float
    longest: float


def bounds_rows(groups: Mapping[str, Sequence[Spoken]]) -> Iterator[Row]:
    """A row for each source; the last is of all."""
    shipped = (OWN, OTHERS, EDGES, LEAST)
    left_out = []
    for source, some in groups.items():
        rest = [other for name, other in groups.items() if name != source]
        held = _held(some, _chosen(rest))
        left_out += held.tolist()
        yield _row(source, some, shipped, held)
    everybody = [each for some in groups.values() for each in some]
    yield _row("all", everybody, shipped, np.array(left_out))


def _row(source: str, some: Sequence[Spoken], shipped: Constants, held: Numbers) -> Row:
    low, high = _bounds(some, shipped)
    talk = sum(each.talk for each in some)
    return {
        "recordings": f"bounds, {source}",
        "speakers": len(some),
        "inside %": 100 * float(_held(some, shipped).mean()),
        "inside by the others %": 100 * float(held.mean()),
        "width, share of talk": float(np.median((high - low) / _column(some, "talk"))),
        "certain %": 100 * (1 - sum(each.own for each in some) / talk),
        "right %": 100 * sum(each.right for each in some) / talk,
    }


def _chosen(groups: Sequence[Sequence[Spoken]]) -> Constants:
    """The constants of the narrowest bounds that hold as often as promised, every source weighing
    the same; the widest if none do.
    """
    best: tuple[float, Constants] = (float("inf"), tuple(max(each) for each in _CHOICES))
    for constants in product(*_CHOICES):
        if np.mean([_held(some, constants).mean() for some in groups]) >= _PROMISED:
            width = float(np.mean([_width(some, constants) for some in groups]))
            best = min(best, (width, constants))
    return best[1]


def _held(some: Sequence[Spoken], constants: Constants) -> Numbers:
    low, high = _bounds(some, constants)
    true = _column(some, "true")
    return ((low <= true) & (true <= high)).astype(float)


def _width(some: Sequence[Spoken], constants: Constants) -> float:
    low, high = _bounds(some, constants)
    return float(np.mean((high - low) / np.maximum(_column(some, "talk"), 1.0)))


def _bounds(some: Sequence[Spoken], constants: Constants) -> tuple[Numbers, Numbers]:
    own, others, edges, least = constants
    talk = _column(some, "talk")
    slack = edges * talk + least
    low = np.maximum(talk - own * _column(some, "own") - slack, 0.0)
    high = np.minimum(talk + others * _column(some, "others") + slack, _column(some, "longest"))
    return low, high


def _column(some: Sequence[Spoken], name: str) -> Numbers:
    return np.array([getattr(each, name) for each in some])
