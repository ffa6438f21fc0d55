"""Stretches of speech that sound like somebody whom people pointed out elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trax.diarization.voice_samples import unit_voices
from trax.transcript import Span, VoiceSample

MARGIN = 0.2
"""Cosine by which a stretch is more like somebody than like anybody else."""

LIKENESS = 0.4
"""Smallest cosine of a stretch with somebody's voice."""

LEAST_GIVEN = 2.0
"""Seconds of speech that people must have given to somebody before others are found."""

LEAST_HEARD = 0.8
"""Seconds of a stretch in which its speaker must be heard alone."""

_ROUNDS = 4  # voices are made better with what was found, as often as this
_FIRST = 0.34  # share of a speaker's speech, the least like whoever was pointed out, to begin with

_Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one person says without a break.

    Attributes:
        speaker: label; ``None`` means unknown.
        is_given: whether people said that it is theirs.
    """

    span: Span
    speaker: str | None
    is_given: bool


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A stretch that sounds like somebody whose it is not.

    Attributes:
        at: number of the stretch.
        speaker: label of whom it sounds like.
        margin: cosine by which it is more like them than like anybody else.
    """

    at: int
    speaker: str
    margin: float


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What stretches sound like.

    Attributes:
        sums: embeddings weighted by seconds, ``(stretches, numbers)``.
        seconds: in which each is heard alone.
        labels: whose each is.
        given: whether people said so.
    """

    sums: _Array
    seconds: _Array
    labels: NDArray[np.str_]
    given: NDArray[np.bool_]


def resemblances(stretches: Sequence[Stretch], samples: Sequence[VoiceSample]) -> list[Resemblance]:
    """The stretches that sound like somebody to whom people gave others, in order.

    Each is compared with what is known of that voice from the stretches that people gave, and with
    every other speaker's; what is doubtful is left out.

    Args:
        stretches: by start.
        samples: what is heard where.
    """
    heard = _heard(stretches, samples)
    found: dict[int, Resemblance] = {}
    for speaker in _pointed_out(heard):
        for each in _like(heard, speaker):
            known = found.get(each.at)
            if known is None or each.margin > known.margin:
                found[each.at] = each
    return [found[at] for at in sorted(found)]


def _heard(stretches: Sequence[Stretch], samples: Sequence[VoiceSample]) -> _Heard:
    starts = np.array([each.span.start for each in stretches])
    ends = np.array([each.span.end for each in stretches])
    latest = np.maximum.accumulate(ends)
    voices = unit_voices(samples)
    sums = np.zeros((len(stretches), voices.shape[1]), dtype=np.float32)
    seconds = np.zeros(len(stretches), dtype=np.float32)
    for sample, voice in zip(samples, voices, strict=True):
        for span in sample.spans:
            first, past = np.searchsorted(latest, span.start), np.searchsorted(starts, span.end)
            near = slice(int(first), int(past))
            shared = np.minimum(ends[near], span.end) - np.maximum(starts[near], span.start)
            shared = np.clip(shared, 0.0, None)
            sums[near] += shared[:, None] * voice
            seconds[near] += shared
    return _Heard(
        sums=sums,
        seconds=seconds,
        labels=np.array([each.speaker or "" for each in stretches], dtype=np.str_),
        given=np.array([each.is_given for each in stretches], dtype=np.bool_),
    )


def _pointed_out(heard: _Heard) -> list[str]:
    """Those to whom people gave enough to know their voice."""
    labels = sorted(set(heard.labels[heard.given]) - {""})
    return [
        label
        for label in labels
        if heard.seconds[heard.given & (heard.labels == label)].sum() >= LEAST_GIVEN
    ]


def _like(heard: _Heard, speaker: str) -> list[Resemblance]:
    """The stretches of others that sound like *speaker*."""
    voice = _unit(heard.sums[heard.given & (heard.labels == speaker)].sum(axis=0))
    likeness = _units(heard.sums) @ voice
    others = heard.labels != speaker
    taken = others & ~heard.given & ~_least_like(heard, likeness)
    margins = np.zeros(len(likeness), dtype=np.float32)
    for _ in range(_ROUNDS):
        margins = likeness - _most_like_another(heard, speaker, taken)
        taken = others & ~heard.given & (margins > 0.0)
    sure = taken & (margins >= MARGIN) & (likeness >= LIKENESS) & (heard.seconds >= LEAST_HEARD)
    return [
        Resemblance(int(at), speaker, round(float(margins[at]), 3)) for at in np.flatnonzero(sure)
    ]


def _least_like(heard: _Heard, likeness: _Array) -> NDArray[np.bool_]:
    """The part of what each label has that is least like somebody: the label's own, at first."""
    found = np.zeros(len(likeness), dtype=np.bool_)
    for label in set(heard.labels):
        own = np.flatnonzero(heard.labels == label)
        order = own[np.argsort(likeness[own], kind="stable")]
        seconds = np.cumsum(heard.seconds[order])
        found[order[seconds <= _FIRST * seconds[-1]]] = True
        found[order[:1]] = True
    return found


def _most_like_another(heard: _Heard, speaker: str, taken: NDArray[np.bool_]) -> _Array:
    """The largest cosine of each stretch with any voice but *speaker*'s; no stretch is compared
    with itself.

    Args:
        taken: stretches that are probably the speaker's.
    """
    units = _units(heard.sums)
    found = np.full(len(units), -1.0, dtype=np.float32)
    for label in set(heard.labels) - {speaker}:
        own = (heard.labels == label) & ~taken
        whole = heard.sums[own].sum(axis=0)
        without_self = whole - np.where(own[:, None], heard.sums, 0.0)
        found = np.maximum(found, (units * _units(without_self)).sum(axis=1))
    return found


def _unit(vector: _Array) -> _Array:
    scaled: _Array = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return scaled


def _units(vectors: _Array) -> _Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: _Array = vectors / np.maximum(lengths, 1e-9)
    return scaled
