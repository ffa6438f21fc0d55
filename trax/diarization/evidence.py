"""What a diarization has heard so far: local speakers in windows, voices in pieces of speech."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trax.diarization.plans import Grid

FRAME = 270 / 16_000
"""Seconds from one segmentation frame to the next."""

LOCAL_SPEAKERS = 3
"""People whom segmentation can tell apart in one window."""

Frames = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What segmentation says of one window.

    Attributes:
        grid: which windows it belongs to.
        first: frame of the recording at which it begins.
        activity: probability that each local speaker speaks, shape ``(frames, 3)``.
        alone: whether that local speaker speaks and nobody else does, shape ``(frames, 3)``.
    """

    grid: Grid
    first: int
    activity: Frames
    alone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Speech of one local speaker, alone, within a few seconds.

    Attributes:
        frames: of the recording, ascending; may have gaps.
        voice: unit-length embedding.
    """

    frames: NDArray[np.int64]
    voice: NDArray[np.float64]

    @property
    def seconds(self) -> float:
        """Of speech."""
        return len(self.frames) * FRAME


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was heard of a recording up to now.

    Attributes:
        duration: seconds.
    """

    duration: float = 0.0
    windows: list[Window] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """Segmentation frames in the recording."""
        return int(np.ceil(self.duration / FRAME))
