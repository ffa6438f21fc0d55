"""What windows say of two pieces of speech: one local speaker's, or two's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from trax.diarization.evidence import LOCAL_SPEAKERS, Evidence, Window

_LEAST_FRAMES = 10
"""Frames of a piece within a window below which the window says nothing of it."""

_ONE = (0.3, 0.7)
"""Share of one local speaker at which windows begin to say "one person", and say it in full."""

_TWO = (0.4, 0.1)
"""The same for "two people"."""

_Array = NDArray[np.float64]
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """How surely windows give each two pieces to one local speaker, and to two.

    All are symmetric, of shape ``(pieces, pieces)``, with an empty diagonal.

    Attributes:
        one: in [0, 1].
        two: in [0, 1].
        seen: 1 where a window heard both pieces.
    """

    one: csr_array
    two: csr_array
    seen: csr_array

    def only(self, chosen: _Numbers) -> "Links":
        """The links among the chosen pieces, in that order."""
        return Links(*(each[chosen][:, chosen] for each in (self.one, self.two, self.seen)))


def no_links(pieces: int) -> Links:
    """Links that say nothing."""
    empty = csr_array((pieces, pieces))
    return Links(empty, empty, empty)


def find_links(evidence: Evidence) -> Links:
    """The links of all pieces that share a window."""
    count = len(evidence.pieces)
    piece_at = _piece_at(evidence)
    found = [_pairs(window, piece_at) for window in evidence.windows]
    pairs = [pair for pair in found if len(pair[0])]
    if not pairs:
        return no_links(count)
    rows, columns, shares = (np.concatenate(part) for part in zip(*pairs, strict=True))
    shape = (count, count)
    sums = csr_array(coo_array((shares, (rows, columns)), shape=shape))
    windows = csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=shape))
    windows.sort_indices()
    sums.sort_indices()
    share = sums.data / windows.data
    return Links(
        one=_like(windows, _ramp(share, *_ONE)),
        two=_like(windows, _ramp(share, *_TWO)),
        seen=_like(windows, np.ones(len(share))),
    )


def _piece_at(evidence: Evidence) -> _Numbers:
    """The piece of each frame; -1 for none."""
    last = max((int(piece.frames[-1]) for piece in evidence.pieces), default=0)
    at = np.full(max(evidence.frames, last + 1), -1)
    for number, piece in enumerate(evidence.pieces):
        at[piece.frames] = number
    return at


def _pairs(window: Window, piece_at: _Numbers) -> tuple[_Numbers, _Numbers, _Array]:
    """Every two pieces that *window* hears, and the share in which one local speaker has both."""
    here = piece_at[window.first : window.first + len(window.alone)]
    heard = np.flatnonzero(here >= 0)
    numbers, place = np.unique(here[heard], return_inverse=True)
    frames = np.zeros((len(numbers), LOCAL_SPEAKERS))
    np.add.at(frames, place, window.alone[heard])
    enough = frames.sum(axis=1) >= _LEAST_FRAMES
    numbers = numbers[enough]
    shares = frames[enough] / frames[enough].sum(axis=1, keepdims=True)
    one, other = np.nonzero(~np.eye(len(numbers), dtype=bool))
    return numbers[one], numbers[other], (shares @ shares.T)[one, other]


def _ramp(values: _Array, begins: float, full: float) -> _Array:
    ramp: _Array = np.clip((values - begins) / (full - begins), 0.0, 1.0)
    return ramp


def _like(pattern: csr_array, values: _Array) -> csr_array:
    return csr_array((values, pattern.indices, pattern.indptr), shape=pattern.shape)
