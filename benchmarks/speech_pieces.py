"""Pieces of clips with the exact times at which their speaker speaks."""

import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import argrelmin

from benchmarks.talkers import Clip, Talker
from trax.audio import SAMPLE_RATE, Limits, StoredAudio, decode_to_flac, voice_activity
from trax.audio.activity import FRAME
from trax.transcript import Span

_HOP = 0.01  # seconds
_HOP_SAMPLES = round(_HOP * SAMPLE_RATE)
_PAUSE = 0.3  # a longer silence is not speech
_SHORTEST = 0.08  # a shorter sound is not speech
_DYNAMIC_RANGE_DB = 35.0  # speech is no weaker than that, against the loudest of the clip,
_ABOVE_NOISE_DB = 8.0  # and louder than the clip's noise by that much
_VALLEY_DB = 12.0  # a cut within speech lies that far below the clip's loud frames
_FADE_SAMPLES = 128
_MARGIN = 0.06  # seconds of the clip kept around a piece that begins or ends in a pause
_VALLEY_COST = 0.3  # a cut within speech must be better than one in a pause by so many seconds


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """A clip and when somebody speaks in it.

    Attributes:
        samples: float32 at 16 kHz, speech at an RMS of 1.
        spans: speech without pauses.
        cuts: times within speech at which it can be cut without being heard.
    """

    samples: NDArray[np.float32]
    spans: tuple[Span, ...]
    cuts: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a clip, to be placed in a conversation.

    Attributes:
        samples: float32 at 16 kHz, speech at an RMS of about 1.
        spans: when somebody speaks, in seconds from the piece's first sample.
    """

    samples: NDArray[np.float32]
    spans: tuple[Span, ...]


class Reel:
    """The speech of one talker, played once in an order of its own."""

    def __init__(self, talker: Talker, rng: np.random.Generator) -> None:
        self._left = [talker.clips[index] for index in rng.permutation(len(talker.clips))]
        self._speech: Speech | None = None
        self._at = 0.0

    def take(self, wanted: float) -> Piece | None:
        """The next piece, *wanted* seconds of it or as near as the clip allows; ``None`` at the
        end.
        """
        speech = self._current()
        if speech is None:
            return None
        start = next(max(span.start, self._at) for span in speech.spans if span.end > self._at)
        self._at = _cut_near(speech, start, start + wanted)
        return _piece(speech, Span(start, self._at))

    def _current(self) -> Speech | None:
        """The clip being played; the next one when nothing is left of it."""
        while self._speech is None or self._at >= self._speech.spans[-1].end:
            if not self._left:
                return None
            found = speech_of(self._left.pop())
            self._speech, self._at = (found if found.spans else None), 0.0
        return self._speech


def _cut_near(speech: Speech, start: float, wanted_end: float) -> float:
    """The best time after *start* to end a piece that should end at *wanted_end*."""
    ends = [(abs(span.end - wanted_end), span.end) for span in speech.spans]
    valleys = [(abs(cut - wanted_end) + _VALLEY_COST, cut) for cut in speech.cuts]
    _, end = min(choice for choice in (*ends, *valleys) if choice[1] > start + _SHORTEST)
    last = speech.spans[-1].end
    return last if last - end < 2 * _SHORTEST else end


def _piece(speech: Speech, span: Span) -> Piece:
    """The samples of *span*, faded at both ends, with a margin where it ends in a pause."""
    edges = {edge for each in speech.spans for edge in (each.start, each.end)}
    start = max(0.0, span.start - (_MARGIN if span.start in edges else 0.0))
    end = span.end + (_MARGIN if span.end in edges else 0.0)
    first = int(start * SAMPLE_RATE)
    samples = speech.samples[first : round(end * SAMPLE_RATE)].copy()
    fade = np.linspace(0, 1, min(_FADE_SAMPLES, len(samples)), dtype=np.float32)
    samples[: len(fade)] *= fade
    samples[-len(fade) :] *= fade[::-1]
    offset = first / SAMPLE_RATE
    spans = (
        Span(max(each.start, span.start), min(each.end, span.end))
        for each in speech.spans
        if each.overlap(span) > 0
    )
    return Piece(samples, tuple(each.shifted(-offset) for each in spans))


@lru_cache(maxsize=2048)
def speech_of(clip: Clip) -> Speech:
    """Read a clip and find the speech in it."""
    samples, voice = _read(clip.path)
    if clip.span:
        first, past = (round(edge * SAMPLE_RATE) for edge in (clip.span.start, clip.span.end))
        samples = samples[first:past]
        voice = voice[round(clip.span.start / _HOP) :]
    level = _level_db(samples)
    mask = _speaks(level, voice[: len(level)])
    spans = tuple(_spans(mask))
    if not spans:
        return Speech(samples, (), ())
    loud = samples[: len(level) * _HOP_SAMPLES].reshape(-1, _HOP_SAMPLES)[mask]
    scale = np.float32(np.sqrt(np.mean(loud**2)))
    return Speech(samples / scale, spans, _valleys(level, mask))


@lru_cache(maxsize=1024)
def _read(path: Path) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Samples at 16 kHz, and whether Silero hears a voice in each hop or near it."""
    with tempfile.NamedTemporaryFile(suffix=".flac") as mono:
        decode_to_flac(path, Path(mono.name), Limits())
        samples, _ = soundfile.read(mono.name, dtype="float32")
        activity = voice_activity(StoredAudio.open(Path(mono.name)))
    near = maximum_filter1d(activity.probabilities, 9) >= 0.5
    hops = (np.arange(len(samples) // _HOP_SAMPLES) * _HOP / FRAME).astype(int)
    return samples, near[np.minimum(hops, len(near) - 1)]


def _level_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    hops = len(samples) // _HOP_SAMPLES
    power = np.square(samples[: hops * _HOP_SAMPLES], dtype=np.float64)
    smooth = uniform_filter1d(power.reshape(hops, -1).mean(axis=1), 3)
    return np.asarray(10 * np.log10(smooth + 1e-12))


def _speaks(level: NDArray[np.float64], voice: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each hop is speech: loud enough, and a voice is near."""
    noise, loud = np.percentile(level, [5, 95]) if len(level) else (0.0, 0.0)
    least = max(loud - _DYNAMIC_RANGE_DB, min(noise + _ABOVE_NOISE_DB, loud - _VALLEY_DB))
    return np.asarray((level >= least) & voice)


def _spans(mask: NDArray[np.bool_]) -> list[Span]:
    """Runs of speech as spans; short silences join, short sounds go."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    joined: list[tuple[float, float]] = []
    for start, end in (edges.reshape(-1, 2) * _HOP).tolist():
        if joined and start - joined[-1][1] <= _PAUSE:
            start = joined.pop()[0]
        joined.append((start, end))
    return [Span(start, end) for start, end in joined if end - start >= _SHORTEST]


def _valleys(level: NDArray[np.float64], mask: NDArray[np.bool_]) -> tuple[float, ...]:
    """Times of quiet moments within speech."""
    lowest = argrelmin(level, order=5)[0]
    limit = np.percentile(level[mask], 90) - _VALLEY_DB
    chosen = lowest[level[lowest] < limit]
    return tuple((chosen * _HOP + _HOP / 2).tolist())
