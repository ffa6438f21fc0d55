"""The places of many recordings as one queue: what so much of it finds, and what it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.reviewing import Draft, Plain, Step
from trax.service.places import DECIDING

PAUSE = 2.0
"""Seconds after a place that is right until the page plays the next by itself."""

MOST_UNASKED = 8
"""Places in a row that the page lets go by without a key."""

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A recording, what each place of its queue brings, and what plain editing costs."""

    draft: Draft
    steps: Sequence[Step]
    plain: Plain

    @property
    def source(self) -> str:
        """What is left out together."""
        return self.draft.spoken.source

    def is_of(self, kind: str) -> bool:
        """Whether it is one of the ``conversations`` or ``clips``."""
        return (self.draft.spoken.kind == "conversation") == (kind == "conversations")


class Queue:
    """The places of some recordings as one queue, each counted as often as is said."""

    def __init__(self, found: Sequence[Reviewed]) -> None:
        placed = [(step, at) for at, each in enumerate(found) for step in each.steps]
        placed.sort(key=lambda each: (each[0].rank, each[1]))
        steps = [step for step, _at in placed]
        self._steps = steps
        self._owner = np.array([at for _step, at in placed], dtype=int)
        self._words = _column(step.words for step in steps)
        self._wrong = _column(step.wrong for step in steps)
        self._mends = _column(step.mends for step in steps)
        self._keys = _column(step.keys for step in steps)
        self._objecting = _column(step.objecting for step in steps)
        self._seconds = _column(step.seconds for step in steps)
        self._right = np.array([step.is_right for step in steps])
        # Places as they are heard: one recording after the other, in time.
        self._heard = np.lexsort((_column(step.start for step in steps), self._owner))
        totals = [
            (len(each.draft.wrong), sum(each.draft.wrong), each.plain.mends) for each in found
        ]
        self._totals = np.array(totals, dtype=np.float64)
        self._plain = _column(each.plain.keys for each in found)
        self._pointing = _column(each.plain.pointing for each in found)
        self.once = np.ones(len(found))

    def held(self, share: float, times: Numbers) -> float:
        """Share of the wrong words in the first places that hold a *share* of all words."""
        words, wrong, _errors = times @ self._totals
        weights = times[self._owner]
        heard = np.cumsum(np.r_[0, weights * self._words])
        found = np.cumsum(np.r_[0, weights * self._wrong])
        return float(np.interp(share * words, heard, found) / max(1.0, float(wrong)))

    def keys(self, times: Numbers) -> float:
        """Keys until half the word errors are mended, of those of plain editing: whoever listens
        presses none where nothing is wrong.
        """
        return self._listening(times) / max(1.0, float(times @ self._plain) / 2)

    def keys_to_pointing(self, times: Numbers) -> float:
        """The same, of plain editing's keys and clicks with a pointer."""
        return self._listening(times) / max(1.0, float(times @ self._pointing) / 2)

    def keys_one_by_one(self, times: Numbers) -> float:
        """The same, of those by keyboard, if each place that is right is accepted by a key."""
        spent = self._until_half(self._keys, times)
        return spent / max(1.0, float(times @ self._plain) / 2)

    def minutes(self) -> float:
        """Until half the word errors are mended, listening."""
        seconds = self._seconds - np.where(self._right, DECIDING - PAUSE, 0)
        return self._until_half(seconds, self.once) / 60

    def halving(self) -> tuple[list[Step], int]:
        """The places until half the word errors are mended, and keys that only say that somebody
        is there.
        """
        chosen = self._heard[self._heard <= self._half(self.once)]
        return [self._steps[at] for at in chosen], round(self._answering(chosen, self.once))

    def _listening(self, times: Numbers) -> float:
        at = self._half(times)
        if at == len(self._owner):
            return float("inf")
        chosen = self._heard[self._heard <= at]
        objecting = float(times[self._owner[chosen]] @ self._objecting[chosen])
        return objecting + self._answering(chosen, times)

    def _answering(self, chosen: Places, times: Numbers) -> float:
        """Keys that say that somebody is there: one where so many places in a row were right, one
        after the last places of a recording.
        """
        owner, right = self._owner[chosen], self._right[chosen]
        is_first = np.r_[True, owner[1:] != owner[:-1]]
        begins = np.flatnonzero(is_first | ~right)
        lengths = np.add.reduceat(right.astype(int), begins)
        is_last = np.r_[is_first[begins][1:], True]
        asked = lengths // (MOST_UNASKED + 1)
        ended = is_last & (lengths % (MOST_UNASKED + 1) > 0)
        return float(times[owner[begins]] @ (asked + ended))

    def _half(self, times: Numbers) -> int:
        """The place after which half the word errors are mended; one past the last if never."""
        mended = np.cumsum(times[self._owner] * self._mends)
        return int(np.searchsorted(mended, (times @ self._totals)[2] / 2))

    def _until_half(self, cost: Numbers, times: Numbers) -> float:
        """Infinite if it never comes to that."""
        at = self._half(times)
        spent = np.cumsum(times[self._owner] * cost)
        return float(spent[at]) if at < len(spent) else float("inf")


def _column(values: Iterable[float]) -> Numbers:
    return np.array(list(values), dtype=np.float64)
