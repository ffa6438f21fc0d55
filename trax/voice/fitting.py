"""Speech fitted to the time that it has: pauses first, then all of it stretched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.transcript import Span
from trax.voice.stretching import stretched

SHORTEST = 0.85
"""Length of the most hurried speech, as a share of its own."""

LONGEST = 1.2
"""Length of the slowest speech, as a share of its own."""

_STEP = 0.01  # seconds
_SILENT_DB = -40.0  # below the loudest step
_PAUSE = 0.12  # seconds of silence that can be made shorter or longer
_LEAST_PAUSE = 0.08  # seconds that are kept of it
_MOST_ADDED = 0.4  # seconds that are added to one
_CLOSE = 0.02  # share of the length below which speech is not stretched


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How speech is made to take the time that it has.

    Attributes:
        pauses: of the speech.
        added: seconds added to each of them; below 0 for seconds taken out.
        stretch: length afterwards over length before.
        duration: seconds that the speech takes afterwards.
        over: seconds that it is longer than its place; below 0 if it is shorter.
    """

    pauses: tuple[Span, ...]
    added: tuple[float, ...]
    stretch: float
    duration: float
    over: float


def fit(pauses: Sequence[Span], length: float, duration: float) -> Fit:
    """How speech of *length* seconds with these *pauses* is made to take *duration* seconds.

    >>> fit([Span(1.0, 1.5)], 3.0, 2.7).stretch
    1.0
    >>> fit([], 3.0, 2.0).stretch, round(fit([], 3.0, 2.0).over, 3)
    (0.85, 0.55)
    """
    added = _added(pauses, duration - length)
    paused = length + sum(added)
    wanted = duration / paused if paused > 0 else 1.0
    stretch = min(LONGEST, max(SHORTEST, wanted))
    if abs(wanted - 1.0) <= _CLOSE:
        stretch = 1.0
    return Fit(
        pauses=tuple(pauses),
        added=tuple(added),
        stretch=stretch,
        duration=paused * stretch,
        over=paused * stretch - duration,
    )


def _added(pauses: Sequence[Span], missing: float) -> list[float]:
    """Seconds to add to each pause, or to take out, so that *missing* seconds are made good as far
    as pauses allow.
    """
    if missing < 0:
        most = [-max(0.0, pause.duration - _LEAST_PAUSE) for pause in pauses]
    else:
        most = [min(pause.duration, _MOST_ADDED) for pause in pauses]
    share = min(1.0, missing / sum(most)) if any(most) else 0.0
    return [share * each for each in most]


def trimmed(speech: Waveform) -> Waveform:
    """Speech without the silence before and after it; all of it if it is silent."""
    loud = np.flatnonzero(_loud(speech))
    if not len(loud):
        return speech
    step = _frames(speech)
    return replace(speech, samples=speech.samples[loud[0] * step : (loud[-1] + 1) * step])


def pauses_of(speech: Waveform) -> list[Span]:
    """The silences inside speech that can be made shorter or longer."""
    loud = np.flatnonzero(_loud(speech))
    seconds = _frames(speech) / speech.sample_rate
    found = []
    for before, after in pairwise(loud):
        if (after - before - 1) * seconds >= _PAUSE:
            found.append(Span((before + 1) * seconds, after * seconds))
    return found


def fitted(speech: Waveform, duration: float) -> tuple[Waveform, Fit]:
    """*speech* made to take *duration* seconds as nearly as it sounds natural, and how.

    Raises:
        MissingPart: the package is not installed that stretches speech.
    """
    plan = fit(pauses_of(speech), speech.duration, duration)
    paused = _with_pauses(speech, plan)
    if plan.stretch == 1.0:
        return paused, plan
    return stretched(paused, plan.duration), plan


def _with_pauses(speech: Waveform, plan: Fit) -> Waveform:
    parts: list[NDArray[np.float32]] = []
    at = 0
    for pause, seconds in zip(plan.pauses, plan.added, strict=True):
        middle = round(pause.middle * speech.sample_rate)
        frames = round(seconds * speech.sample_rate)
        if frames >= 0:
            parts += [speech.samples[at:middle], np.zeros(frames, np.float32)]
            at = middle
        else:
            parts.append(speech.samples[at : middle + frames // 2])
            at = middle + frames // 2 - frames
    parts.append(speech.samples[at:])
    return replace(speech, samples=np.concatenate(parts))


def _loud(speech: Waveform) -> NDArray[np.bool_]:
    """For each step, whether it is loud enough to belong to the speech."""
    step = _frames(speech)
    count = len(speech.samples) // step
    steps = speech.samples[: count * step].reshape(count, step).astype(np.float64)
    power = (steps**2).mean(axis=1) if count else np.zeros(0)
    if not count or power.max() <= 0.0:
        return np.zeros(count, np.bool_)
    loud: NDArray[np.bool_] = power >= power.max() * 10 ** (_SILENT_DB / 10)
    return loud


def _frames(speech: Waveform) -> int:
    return max(1, round(_STEP * speech.sample_rate))
