"""Windows and people as turns: who speaks when, how surely, and who alone where only one may."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from trax.diarization.evidence import FRAME, LOCAL_SPEAKERS, Evidence, Window
from trax.diarization.people import People
from trax.transcript import ACTIVITY_STEP, Activity, Diarization, Turn

_COUNT_BIAS = 0.6
"""Added to the expected number of people who speak at once before it is rounded down."""

_HEARD = 0.05
"""Least probability of a person who is counted among those that speak."""

_SHORTEST, _LONGEST_GAP = 0.1, 0.1
"""Seconds: a shorter turn is none, and a shorter gap in a turn neither."""

_SHARPNESS = 12.0
"""How fast the odds of one person against another grow with the difference of the cosines."""

_TELLS, _CLEARLY = 0.8, 0.2
"""A piece of speech of so many seconds that sounds more like another person by so much (cosine) is
that one's.
"""

_MODESTY = 1.5
"""Probabilities of speech are too modest: a doubt of *d* came true in *d* to this power of the
cases (measured).
"""

_WEAK = 0.05
"""Margin of the number of speakers below which people are told that it is doubtful."""

_RELIABLE = 1.0  # seconds of speech from which on a piece counts in full

_Array = NDArray[np.float64]


def diarization(evidence: Evidence, people: People, engine: str, voice_model: str) -> Diarization:
    """The turns in *evidence*, by *people*."""
    count = len(people.voices)
    activity, surely, expected = _activity(evidence, people)
    speaking = _smoothed(_selected(activity, expected))
    alone = np.zeros_like(speaking)
    if count:
        loudest = np.where(speaking, activity, -1.0).argmax(axis=1)
        alone[np.arange(len(alone)), loudest] = speaking.any(axis=1)
        alone = _without_flicker(alone)
    shown = [at for at in range(count) if speaking[:, at].any()]
    shown.sort(key=lambda at: (next(_runs(speaking[:, at])), at))  # by first appearance
    labels = {at: f"SPEAKER_{number:02d}" for number, at in enumerate(shown)}
    turns = _turns(speaking, surely, labels, evidence.duration)
    return Diarization(
        turns=turns,
        exclusive_turns=_turns(alone, surely, labels, evidence.duration),
        embeddings={
            label: tuple(round(float(x), 6) for x in people.voices[at])
            for at, label in labels.items()
        },
        engine=engine,
        voice_model=voice_model,
        activity=_levels(surely, labels, evidence.duration),
        count=replace(people.count, found=len(labels)) if people.count and labels else None,
        confidence=_overall(turns),
        warnings=tuple(_warnings(people, len(labels))),
    )


def _activity(evidence: Evidence, people: People) -> tuple[_Array, _Array, _Array]:
    """Per frame: each person's activity by best match, the same in probability, and how many people
    are expected.
    """
    frames, count = evidence.frames, len(people.voices)
    matched, surely = np.zeros((frames, count)), np.zeros((frames, count))
    weights, expected, counters = np.zeros(frames), np.zeros(frames), np.zeros(frames)
    piece_at = _piece_at(evidence)
    voices = (
        np.stack([piece.voice for piece in evidence.pieces])
        if evidence.pieces
        else np.zeros((0, 0))
    )
    reliable = np.array([min(1.0, piece.seconds / _RELIABLE) for piece in evidence.pieces])
    for window in evidence.windows:
        here = slice(window.first, min(frames, window.first + len(window.activity)))
        heard = window.activity[: here.stop - here.start].astype(np.float64)
        if window.grid.counts:
            expected[here] += heard.sum(axis=1)
            counters[here] += 1
        weight = window.grid.identity / _per_frame(window)
        weights[here] += weight
        if count:
            cosines = _cosines(window, piece_at[here], voices, reliable, people.voices)
            for speaker, person in _matches(cosines, heard):
                matched[here, person] += weight * heard[:, speaker]
            surely[here] += weight * heard @ _probabilities(cosines)
    scale = np.maximum(weights, 1e-9)[:, None]
    matched, surely = matched / scale, surely / scale
    _listen_again(evidence, people, matched, surely)
    return matched, surely, expected / np.maximum(counters, 1)


def _listen_again(evidence: Evidence, people: People, *votes: _Array) -> None:
    """Give pieces of speech that clearly sound like another person to that one; changes *votes*.

    Two people who follow each other without a pause can be one local speaker in every window.
    """
    for piece in evidence.pieces if len(people.voices) > 1 else ():
        frames = piece.frames[piece.frames < evidence.frames]
        if piece.seconds < _TELLS or not len(frames):
            continue
        likeness = people.voices @ piece.voice
        told, best = int(votes[0][frames].mean(axis=0).argmax()), int(likeness.argmax())
        if likeness[best] - likeness[told] > _CLEARLY:
            for vote in votes:
                vote[frames, told], vote[frames, best] = vote[frames, best], vote[frames, told]


def _per_frame(window: Window) -> float:
    """Windows of this grid that see a frame, so that all of a grid weigh as much as its share."""
    return window.grid.duration / window.grid.step


def _piece_at(evidence: Evidence) -> NDArray[np.int64]:
    """The piece that each frame belongs to; -1 for none."""
    piece_at = np.full(evidence.frames, -1)
    for number, piece in enumerate(evidence.pieces):
        piece_at[piece.frames[piece.frames < evidence.frames]] = number
    return piece_at


def _cosines(
    window: Window, piece_at: NDArray[np.int64], voices: _Array, reliable: _Array, people: _Array
) -> _Array:
    """How each local speaker sounds like each person, by the pieces in which they speak; ``(3,
    people)``.
    """
    found = np.zeros((LOCAL_SPEAKERS, len(people)))
    for speaker in range(LOCAL_SPEAKERS):
        chosen = piece_at[window.alone[: len(piece_at), speaker]]
        numbers, frames = np.unique(chosen[chosen >= 0], return_counts=True)
        voice = (frames * reliable[numbers]) @ voices[numbers]
        found[speaker] = people @ voice / max(float(np.linalg.norm(voice)), 1e-9)
    return found


def _matches(cosines: _Array, heard: _Array) -> Iterator[tuple[int, int]]:
    """Local speakers with the person they are taken for: no two for one."""
    active = np.flatnonzero((heard > 0.5).any(axis=0))
    rows, columns = linear_sum_assignment(-cosines[active])
    yield from zip(active[rows], columns, strict=True)


def _probabilities(cosines: _Array) -> _Array:
    """Of each person to be each local speaker."""
    odds = np.exp(_SHARPNESS * (cosines - cosines.max(axis=1, keepdims=True)))
    shares: _Array = odds / odds.sum(axis=1, keepdims=True)
    return shares


def _selected(activity: _Array, expected: _Array) -> NDArray[np.bool_]:
    """The likeliest people of each frame, as many as are expected."""
    number = np.floor(expected + _COUNT_BIAS)
    rank = np.argsort(np.argsort(-activity, axis=1, kind="stable"), axis=1)
    chosen: NDArray[np.bool_] = (rank < number[:, None]) & (activity > _HEARD)
    return chosen


def _smoothed(speaking: NDArray[np.bool_]) -> NDArray[np.bool_]:
    smoothed = speaking.copy()
    for person in range(speaking.shape[1]):
        for (_, end), (start, _) in pairwise(list(_runs(smoothed[:, person]))):
            if (start - end) * FRAME <= _LONGEST_GAP:
                smoothed[end:start, person] = True
        for start, end in _runs(smoothed[:, person]):
            if (end - start) * FRAME < _SHORTEST:
                smoothed[start:end, person] = False
    return smoothed


def _without_flicker(alone: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A stretch too short for a turn goes to whoever spoke right before it, or else right after."""
    who = np.where(alone.any(axis=1), alone.argmax(axis=1), -1)
    edges = [0, *(np.flatnonzero(np.diff(who)) + 1), len(who)]
    for start, end in pairwise(edges):
        if who[start] >= 0 and (end - start) * FRAME < _SHORTEST:
            neighbours = [who[at] for at in (start - 1, end) if 0 <= at < len(who) and who[at] >= 0]
            who[start:end] = neighbours[0] if neighbours else who[start]
    steady: NDArray[np.bool_] = who[:, None] == np.arange(alone.shape[1])[None, :]
    return steady


def _runs(on: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _turns(
    on: NDArray[np.bool_], surely: _Array, labels: dict[int, str], duration: float
) -> tuple[Turn, ...]:
    found = []
    for person, label in labels.items():
        for first, past in _runs(on[:, person]):
            start, end = _milliseconds(first * FRAME), min(_milliseconds(past * FRAME), duration)
            if start < end:
                doubt = 1 - float(surely[first:past, person].mean().clip(0, 1))
                found.append(Turn(start, end, label, round(1 - doubt**_MODESTY, 3)))
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.end, turn.speaker)))


def _milliseconds(seconds: float) -> float:
    """Rounded down, so that no turn ends after the audio."""
    return math.floor(seconds * 1000 + 1e-6) / 1000


def _levels(surely: _Array, labels: dict[int, str], duration: float) -> Activity:
    """Probabilities of speech a step at a time, in ninths."""
    edges = (np.arange(math.ceil(duration / ACTIVITY_STEP - 1e-6)) * ACTIVITY_STEP / FRAME).astype(
        int
    )
    means = (
        np.add.reduceat(surely, edges, axis=0) / np.diff([*edges, len(surely)])[:, None]
        if len(edges)
        else surely
    )
    ninths = np.rint(means * 9).astype(int).clip(0, 9)
    return Activity({label: "".join(map(str, ninths[:, at])) for at, label in labels.items()})


def _overall(turns: Sequence[Turn]) -> float | None:
    """Confidence of the turns, by their length."""
    seconds = sum(turn.duration for turn in turns)
    return (
        round(sum(turn.duration * (turn.confidence or 0.0) for turn in turns) / seconds, 3)
        if seconds
        else None
    )


def _warnings(people: People, shown: int) -> Iterator[str]:
    count = people.count
    if count is None:
        return
    if min(count.fewer, count.more) < _WEAK:
        other = shown - 1 if count.fewer < count.more else shown + 1
        yield (
            f"the number of speakers is doubtful: {shown} were found, {max(1, other)} are almost "
            "as likely"
        )
    if people.others:
        voices = "voice" if people.others == 1 else "voices"
        yield (
            f"{people.others} {voices} heard for {people.others_seconds:.1f} s in all went to "
            "the nearest speakers"
        )
