"""Where speech begins and ends in a sound."""

import numpy as np
from numpy.typing import NDArray

from trax.transcript import Span

_STEP = 0.01  # seconds
_SILENT_DB = -22.0  # below the level of the loud parts
_LOUD = 95  # percentile of the steps' power that speech reaches
_SHORTEST = 3  # steps in a row of a sound; shorter ones are noise


def sounding(voice: NDArray[np.float32], sample_rate: int, within: Span) -> Span:
    """From the first sound of a voice to the last one.

    Args:
        voice: shape ``(frames,)``; begins at the start of *within*.
        within: where it is looked for; given back if there is no sound.
    """
    step = max(1, round(_STEP * sample_rate))
    count = len(voice) // step
    power = (voice[: count * step].reshape(count, step).astype(np.float64) ** 2).mean(axis=1)
    if not count or power.max() <= 0.0:
        return within
    loud = power >= np.percentile(power, _LOUD) * 10 ** (_SILENT_DB / 10)
    runs = [run for run in _runs(loud) if run[1] - run[0] >= _SHORTEST]
    if not runs:
        return within
    seconds = step / sample_rate
    return Span(
        within.start + runs[0][0] * seconds, min(within.end, within.start + runs[-1][1] * seconds)
    )


def _runs(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
