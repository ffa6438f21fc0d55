"""What the networks found so far: local speakers in windows, voices in pieces of speech."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from trax.diarization.plans import Grid

FRAME = 270 / 16_000
"""Seconds from one segmentation frame to the next."""

LOCAL_SPEAKERS = 3
"""Speakers that segmentation can tell apart in one window."""

Frames = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What segmentation found in one window.

    Attributes:
        grid: the grid of windows it belongs to.
        first: the recording's frame at which it begins.
        activity: probability that each local speaker speaks, shape ``(frames, 3)``.
        alone: whether that local speaker and nobody else speaks, shape ``(frames, 3)``.
    """

    grid: Grid
    first: int
    activity: Frames
    alone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A few seconds of speech of one local speaker alone.

    Attributes:
        frames: the recording's frames, ascending; may have gaps.
        embedding: as the network gives it, of any length.
    """

    frames: NDArray[np.int64]
    embedding: NDArray[np.float64]

    @property
    def voice(self) -> NDArray[np.float64]:
        """The embedding, scaled to unit length."""
        length = max(float(np.linalg.norm(self.embedding)), 1e-9)
        scaled: NDArray[np.float64] = self.embedding / length
        return scaled

    @property
    def seconds(self) -> float:
        """Seconds of speech."""
        return len(self.frames) * FRAME


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything found in a recording so far.

    Attributes:
        duration: seconds of audio.
        windows: in the order in which they were segmented.
        pieces: in the order in which they were embedded.
    """

    duration: float = 0.0
    windows: list[Window] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """Segmentation frames in the recording."""
        return frames_in(self.duration)


def since(evidence: Evidence, first: int) -> Evidence:
    """The evidence of what begins at frame *first* or later, in frames that count from there."""
    windows = [each for each in evidence.windows if each.first >= first]
    pieces = [each for each in evidence.pieces if each.frames[0] >= first]
    return Evidence(
        duration=evidence.duration - first * FRAME,
        windows=[replace(each, first=each.first - first) for each in windows],
        pieces=[replace(each, frames=each.frames - first) for each in pieces],
    )


def frames_in(duration: float) -> int:
    """Segmentation frames that begin in *duration* seconds."""
    return int(np.ceil(duration / FRAME))
