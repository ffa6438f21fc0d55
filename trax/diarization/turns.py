"""Activity of speakers as turns: who speaks when, how surely, and who alone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.diarization.clustering import Speakers
from trax.diarization.evidence import FRAME, Evidence
from trax.diarization.labels import activity_levels, sorted_turns, speaker_label
from trax.diarization.speaker_activity import SpeakerActivity, speaker_activity
from trax.diarization.voice_samples import voice_samples
from trax.transcript import ACTIVITY_STEP, Activity, Diarization, SpeakerCount, Turn
from trax.transcript.cautions import WARNINGS

_COUNT_BIAS = 0.6
"""Added to the expected number of speakers at once before it is rounded down."""

_AUDIBLE = 0.05
"""Smallest probability of a speaker who counts among those that speak."""

_SHORTEST = 0.1
"""Seconds: a shorter turn is dropped."""

_LONGEST_GAP = 0.1
"""Seconds: a shorter gap does not interrupt a turn."""

_MODESTY = 1.5
"""Probabilities of speech are too modest: a doubt of *d* came true in *d* to this power of cases.

Measured on the corpus.
"""

_WEAK = 0.5
"""Probability of the number of speakers below which a warning says that it is doubtful."""

_Array = NDArray[np.float64]
_Flags = NDArray[np.bool_]


def build_diarization(
    evidence: Evidence,
    speakers: Speakers,
    engine: str,
    voice_model: str,
) -> Diarization:
    """The turns of *speakers* in *evidence*.

    Args:
        evidence: windows and pieces of the recording.
        speakers: their voices.
        engine: fingerprint of the engine.
        voice_model: names the model of the embeddings.
    """
    activity = speaker_activity(evidence, speakers)
    speaking = _smoothed(_speaking(activity))
    labels = _labels(speaking)
    turns = _turns(speaking, activity.probability, labels, evidence.duration)
    alone = _alone(speaking, activity.matched)
    return Diarization(
        turns=turns,
        exclusive_turns=_turns(alone, activity.probability, labels, evidence.duration),
        embeddings=_embeddings(speakers, labels),
        engine=engine,
        voice_model=voice_model,
        activity=_levels(activity.probability, labels, evidence.duration),
        count=_shown_count(speakers, len(labels)),
        confidence=_mean_confidence(turns),
        samples=voice_samples(evidence.pieces),
        warnings=tuple(_warnings(speakers, len(labels))),
    )


def _speaking(activity: SpeakerActivity) -> _Flags:
    """The most active speakers of each frame, as many as are expected."""
    number = np.floor(activity.expected + _COUNT_BIAS)
    order = np.argsort(-activity.matched, axis=1, kind="stable")
    rank = np.argsort(order, axis=1)
    chosen: _Flags = (rank < number[:, None]) & (activity.matched > _AUDIBLE)
    return chosen


def _smoothed(speaking: _Flags) -> _Flags:
    """Short gaps closed, then short stretches dropped."""
    smoothed = speaking.copy()
    for column in smoothed.T:
        _close_gaps(column)
        _drop_short(column)
    return smoothed


def _close_gaps(on: _Flags) -> None:
    for (_, end), (start, _) in pairwise(list(_runs(on))):
        if (start - end) * FRAME <= _LONGEST_GAP:
            on[end:start] = True


def _drop_short(on: _Flags) -> None:
    for start, end in _runs(on):
        if (end - start) * FRAME < _SHORTEST:
            on[start:end] = False


def _alone(speaking: _Flags, activity: _Array) -> _Flags:
    """At any time only the most active of those who speak."""
    alone = np.zeros_like(speaking)
    if speaking.shape[1] == 0:
        return alone
    loudest = np.where(speaking, activity, -1.0).argmax(axis=1)
    alone[np.arange(len(alone)), loudest] = speaking.any(axis=1)
    return _without_flicker(alone)


def _without_flicker(alone: _Flags) -> _Flags:
    """Stretches too short for a turn go to whoever spoke right before, or else right after."""
    who = np.where(alone.any(axis=1), alone.argmax(axis=1), -1)
    changes = np.flatnonzero(np.diff(who)) + 1
    for start, end in pairwise([0, *changes, len(who)]):
        if who[start] >= 0 and (end - start) * FRAME < _SHORTEST:
            who[start:end] = _neighbour(who, start, end)
    columns = np.arange(alone.shape[1])
    steady: _Flags = who[:, None] == columns[None, :]
    return steady


def _neighbour(who: NDArray[np.int64], start: int, end: int) -> int:
    """Who speaks right before *start*, or else at *end*; if nobody, who speaks at *start*."""
    if start > 0 and who[start - 1] >= 0:
        return int(who[start - 1])
    if end < len(who) and who[end] >= 0:
        return int(who[end])
    return int(who[start])


def _labels(speaking: _Flags) -> dict[int, str]:
    """The label of each column in which somebody speaks, by first appearance."""
    first_frames = []
    for column in range(speaking.shape[1]):
        if speaking[:, column].any():
            first, past = next(_runs(speaking[:, column]))
            first_frames.append((first, past, column))
    first_frames.sort()
    labels = {}
    for number, (_first, _past, column) in enumerate(first_frames):
        labels[column] = speaker_label(number)
    return labels


def _turns(
    on: _Flags,
    probability: _Array,
    labels: dict[int, str],
    duration: float,
) -> tuple[Turn, ...]:
    """A turn for each run of frames in which a speaker is *on*."""
    found = []
    for column, label in labels.items():
        for first, past in _runs(on[:, column]):
            start = _milliseconds(first * FRAME)
            end = min(_milliseconds(past * FRAME), duration)
            if start < end:
                confidence = _confidence(probability[first:past, column])
                found.append(Turn(start, end, label, confidence))
    return sorted_turns(found)


def _confidence(probability: _Array) -> float:
    doubt: float = 1 - float(probability.mean().clip(0, 1))
    certain: float = 1 - doubt**_MODESTY
    return round(certain, 3)


def _embeddings(speakers: Speakers, labels: dict[int, str]) -> dict[str, tuple[float, ...]]:
    found = {}
    for column, label in labels.items():
        found[label] = tuple(round(float(value), 6) for value in speakers.voices[column])
    return found


def _levels(probability: _Array, labels: dict[int, str], duration: float) -> Activity:
    """The mean probability of speech in each step."""
    steps = math.ceil(duration / ACTIVITY_STEP - 1e-6)
    firsts = (np.arange(steps) * ACTIVITY_STEP / FRAME).astype(int)
    if not len(firsts):
        return activity_levels(probability, labels)
    sums = np.add.reduceat(probability, firsts, axis=0)
    frames = np.diff([*firsts, len(probability)])
    return activity_levels(sums / frames[:, None], labels)


def _shown_count(speakers: Speakers, shown: int) -> SpeakerCount | None:
    if speakers.count is None or shown == 0:
        return None
    return replace(speakers.count, found=shown)


def _mean_confidence(turns: Sequence[Turn]) -> float | None:
    """The confidence of the turns, weighted by their length."""
    seconds = sum(turn.duration for turn in turns)
    if not seconds:
        return None
    weighted = sum(turn.duration * (turn.confidence or 0.0) for turn in turns)
    return round(weighted / seconds, 3)


def _warnings(speakers: Speakers, shown: int) -> Iterator[str]:
    count = speakers.count
    if count is None:
        return
    if count.probability is not None and count.probability < _WEAK:
        other = shown - 1 if count.fewer < count.more else shown + 1
        yield WARNINGS.say("speakers-doubtful", found=shown, other=max(1, other))
    if speakers.others:
        code = "voice-not-counted" if speakers.others == 1 else "voices-not-counted"
        seconds = f"{speakers.others_seconds:.1f}"
        yield WARNINGS.say(code, count=speakers.others, seconds=seconds)


def _runs(on: _Flags) -> Iterator[tuple[int, int]]:
    """First and past-the-last frame of each run of true values."""
    padded = np.concatenate([[False], on, [False]])
    edges = np.flatnonzero(np.diff(padded.astype(np.int8))).tolist()
    yield from zip(edges[::2], edges[1::2], strict=True)


def _milliseconds(seconds: float) -> float:
    """Rounded down, so that no turn ends after the audio."""
    return math.floor(seconds * 1000 + 1e-6) / 1000
