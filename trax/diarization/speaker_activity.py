"""How likely each speaker speaks in each frame: local speakers matched with voices."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from trax.diarization.clustering import Speakers
from trax.diarization.evidence import LOCAL_SPEAKERS, Evidence, Window

_SHARPNESS = 12.0
"""How fast the odds of one speaker against another grow with the difference of the cosines."""

_LONG_ENOUGH = 0.8  # seconds of a piece that can overrule the windows, if it is
_CLEARLY = 0.2  # more like another speaker's voice (difference of the cosines)
_RELIABLE = 1.0  # seconds of speech from which a piece counts in full

_Array = NDArray[np.float64]
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SpeakerActivity:
    """Who speaks, frame by frame.

    Attributes:
        matched: activity of the local speakers matched with each speaker, ``(frames, speakers)``.
        probability: probability that each speaker speaks, ``(frames, speakers)``.
        expected: expected number of speakers at once, ``(frames,)``.
    """

    matched: _Array
    probability: _Array
    expected: _Array


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """The pieces of speech as arrays.

    Attributes:
        at: the piece that each frame belongs to; -1 for none.
        voices: unit-length embeddings, ``(pieces, numbers)``.
        reliability: weight of each embedding, in [0, 1].
    """

    at: _Numbers
    voices: _Array
    reliability: _Array


def speaker_activity(evidence: Evidence, speakers: Speakers) -> SpeakerActivity:
    """Match the local speakers of all windows with *speakers*; windows vote by their grid."""
    frames = evidence.frames
    count = len(speakers.voices)
    matched = np.zeros((frames, count))
    probability = np.zeros((frames, count))
    weights = np.zeros(frames)
    expected = np.zeros(frames)
    counters = np.zeros(frames)
    pieces = _pieces(evidence)
    for window in evidence.windows:
        here = slice(window.first, min(frames, window.first + len(window.activity)))
        local = window.activity[: here.stop - here.start].astype(np.float64)
        if window.grid.counts:
            expected[here] += local.sum(axis=1)
            counters[here] += 1
        weight = window.grid.identity / _windows_per_frame(window)
        weights[here] += weight
        if count:
            cosines = _cosines(window, pieces, pieces.at[here], speakers.voices)
            for speaker, person in _matches(cosines, local):
                matched[here, person] += weight * local[:, speaker]
            probability[here] += weight * local @ _probabilities(cosines)
    scale = np.maximum(weights, 1e-9)[:, None]
    matched = matched / scale
    probability = probability / scale
    _correct_by_voice(evidence, speakers, matched, probability)
    return SpeakerActivity(matched, probability, expected / np.maximum(counters, 1))


def _correct_by_voice(
    evidence: Evidence,
    speakers: Speakers,
    matched: _Array,
    probability: _Array,
) -> None:
    """Give pieces that clearly sound like another speaker to that speaker, in place.

    Two people who follow each other without a pause can be one local speaker in every window.
    """
    if len(speakers.voices) < 2:
        return
    for piece in evidence.pieces:
        frames = piece.frames[piece.frames < evidence.frames]
        if piece.seconds < _LONG_ENOUGH or not len(frames):
            continue
        likeness = speakers.voices @ piece.voice
        given = int(matched[frames].mean(axis=0).argmax())
        best = int(likeness.argmax())
        if likeness[best] - likeness[given] > _CLEARLY:
            _swap(matched, frames, given, best)
            _swap(probability, frames, given, best)


def _swap(votes: _Array, frames: _Numbers, one: int, other: int) -> None:
    votes[frames, one], votes[frames, other] = votes[frames, other], votes[frames, one]


def _windows_per_frame(window: Window) -> float:
    """Windows of this grid that cover a frame, so that a whole grid weighs as much as its share."""
    return window.grid.duration / window.grid.step


def _pieces(evidence: Evidence) -> _Pieces:
    at = np.full(evidence.frames, -1)
    for number, piece in enumerate(evidence.pieces):
        at[piece.frames[piece.frames < evidence.frames]] = number
    voices = np.zeros((0, 0))
    if evidence.pieces:
        voices = np.stack([piece.voice for piece in evidence.pieces])
    reliability = [min(1.0, piece.seconds / _RELIABLE) for piece in evidence.pieces]
    return _Pieces(at, voices, np.array(reliability))


def _cosines(window: Window, pieces: _Pieces, piece_at: _Numbers, voices: _Array) -> _Array:
    """How much each local speaker sounds like each speaker, by its pieces; ``(3, speakers)``."""
    found = np.zeros((LOCAL_SPEAKERS, len(voices)))
    for speaker in range(LOCAL_SPEAKERS):
        chosen = piece_at[window.alone[: len(piece_at), speaker]]
        numbers, frames = np.unique(chosen[chosen >= 0], return_counts=True)
        voice = (frames * pieces.reliability[numbers]) @ pieces.voices[numbers]
        length = max(float(np.linalg.norm(voice)), 1e-9)
        found[speaker] = voices @ voice / length
    return found


def _matches(cosines: _Array, local: _Array) -> Iterator[tuple[int, int]]:
    """The active local speakers, each with a speaker of its own."""
    active = np.flatnonzero((local > 0.5).any(axis=0))
    rows, columns = linear_sum_assignment(-cosines[active])
    yield from zip(active[rows], columns, strict=True)


def _probabilities(cosines: _Array) -> _Array:
    """The probability that each local speaker is each speaker."""
    odds = np.exp(_SHARPNESS * (cosines - cosines.max(axis=1, keepdims=True)))
    shares: _Array = odds / odds.sum(axis=1, keepdims=True)
    return shares
