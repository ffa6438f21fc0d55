"""Where speech begins and ends in a sound."""

import numpy as np
from numpy.typing import NDArray

from trax.transcript import Span

_STEP = 0.01  # seconds
_LOUD, _FAINT = 95, 8  # percentiles of the steps' levels: loud parts, and what is heard in pauses
_LEAST_DB = -30.0  # below the loud parts: fainter sound is no speech, however quiet the pauses are
_DEEPEST_DB = -60.0  # below the loud parts: pauses are taken as no fainter
_NOTHING_DB = -120.0
_SHORTEST = 3  # steps in a row of a sound; shorter ones are noise

Levels = NDArray[np.float64]


def sounding(voice: NDArray[np.float32], sample_rate: int, within: Span) -> Span:
    """From the first sound of a voice to the last one.

    A sound is above the middle, in dB, between what is heard in the voice's pauses and its loud
    parts: recordings have noise of their own, which separation leaves in the voice.

    Args:
        voice: shape ``(frames,)``; begins at the start of *within*, which has some silence before
            and after the words.
        within: where it is looked for; given back if there is no sound.
    """
    step = max(1, round(_STEP * sample_rate))
    levels = _levels(voice, step)
    if not len(levels) or levels.max() <= _NOTHING_DB:
        return within
    runs = [run for run in _runs(levels > _threshold(levels)) if run[1] - run[0] >= _SHORTEST]
    if not runs:
        return within
    seconds = step / sample_rate
    return Span(
        within.start + runs[0][0] * seconds, min(within.end, within.start + runs[-1][1] * seconds)
    )


def _levels(voice: NDArray[np.float32], step: int) -> Levels:
    """Of each step, in dB below full scale."""
    count = len(voice) // step
    power = (voice[: count * step].reshape(count, step).astype(np.float64) ** 2).mean(axis=1)
    levels: Levels = 10 * np.log10(np.maximum(power, 10 ** (_NOTHING_DB / 10)))
    return levels


def _threshold(levels: Levels) -> float:
    loud, faint = np.percentile(levels, [_LOUD, _FAINT])
    middle = (loud + max(faint, loud + _DEEPEST_DB)) / 2
    return float(max(middle, loud + _LEAST_DB))


def _runs(loud: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
