"""Recordings of any rate and number of channels for separators that take stereo at one rate."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from trax.audio.resampling import fitted, resample
from trax.voice.engine import Block
from trax.voice.overlapping import in_windows


@dataclass(frozen=True, slots=True, kw_only=True)
class StereoWindows:
    """How a separator wants its windows.

    Attributes:
        sample_rate: Hz.
        window: seconds.
        overlap: seconds in which neighbours are faded into each other.
    """

    sample_rate: int
    window: float
    overlap: float

    def separate(
        self, blocks: Iterable[Block], sample_rate: int, voices: Callable[[Block], Block]
    ) -> Iterator[Block]:
        """The voices in a recording, as a stream; see `Separator`.

        Args:
            voices: takes a window of shape ``(frames, 2)`` and gives the voices in it.
        """

        def work(block: Block) -> Block:
            heard = resample(block, sample_rate, self.sample_rate)
            made = resample(_in_pairs(heard, voices), self.sample_rate, sample_rate)
            return fitted(made, len(block))

        window = round(self.window * sample_rate)
        overlap = round(self.overlap * sample_rate)
        return in_windows(blocks, window, overlap, work)


def _in_pairs(block: Block, voices: Callable[[Block], Block]) -> Block:
    """The voices in *block*, two channels at a time; a single one is taken twice."""
    made = np.empty_like(block)
    for first in range(0, block.shape[1], 2):
        pair = block[:, first : first + 2]
        channels = pair.shape[1]
        stereo = pair if channels == 2 else np.repeat(pair, 2, axis=1)
        made[:, first : first + 2] = voices(stereo)[:, :channels]
    return made
