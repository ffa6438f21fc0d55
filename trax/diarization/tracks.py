"""Diarization without clustering: every speaker has a channel of their own."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.audio import StoredAudio, voice_activity
from trax.audio.tracks import APART, LEVEL_FRAME, track_name
from trax.diarization.engine import DiarizationOptions, Diarizer
from trax.diarization.labels import activity_levels, sorted_turns, speaker_label
from trax.progress import Progress
from trax.transcript import ACTIVITY_STEP, Activity, Diarization, Span, Turn

VERSION = 2
"""Grows whenever the same audio comes to give other turns."""

_PAUSE = 0.3  # seconds without speech that end a turn
_SHORTEST = 0.1  # seconds; a shorter turn is dropped
_VOICE_SAMPLE = 60.0  # seconds of each channel from which its voice is learned
_SPEECH = 0.6  # share of the progress that voice activity takes; voices take the rest

_LOUDEST = 95  # percentile of a channel's levels that its speaker reaches
_LOUD = 15.0  # decibels below that down to which they speak
_ALONE = 80  # percentile of the differences in level to another channel: nobody speaks there
_CLEARLY = 3.0  # decibels by which one's own voice is louder than another's that is heard there
_LEAST_APART = 1.0

_Shares = NDArray[np.float32]


def diarize_tracks(
    tracks: Sequence[StoredAudio],
    loudness: _Shares,
    engine: Diarizer,
    options: DiarizationOptions,
    progress: Progress,
) -> Diarization:
    """Who speaks when, by which channel has speech.

    Speech counts in a channel unless another is far louder at the time: then it is only picked up
    across the room.

    Args:
        tracks: the channels.
        loudness: level of each channel in dB, shape ``(frames, channels)``, from
            `trax.audio.tracks.levels`.
        engine: embeds the voices.
        options: names of the channels.
        progress: called with the share done.
    """
    speech = _own_speech(tracks, loudness, progress)
    duration = max(track.duration for track in tracks)
    spoken = [_spans(speech[:, at], duration) for at in range(len(tracks))]
    labels = _labels(spoken)
    everybody = _with_silent(labels, len(tracks))
    return Diarization(
        turns=_turns(spoken, labels),
        exclusive_turns=_exclusive(loudness, spoken, labels, duration),
        embeddings=_voices(tracks, spoken, labels, engine, options, progress),
        engine=fingerprint(engine),
        voice_model=engine.voice_model,
        activity=_activity(speech, labels),
        names=_named(everybody, options.names),
        channels={track_name(at): label for at, label in everybody.items()},
    )


def fingerprint(engine: Diarizer) -> str:
    """Names this way of diarizing and the engine that embeds the voices."""
    return f"tracks-{VERSION}/{engine.fingerprint}"


def _own_speech(
    tracks: Sequence[StoredAudio],
    loudness: _Shares,
    progress: Progress,
) -> _Shares:
    """Probability of speech in each channel, 0 where another one is far louder."""
    apart = _apart(loudness)
    speech = np.zeros(loudness.shape, dtype=np.float32)
    for at, track in enumerate(tracks):
        probabilities = voice_activity(track).probabilities[: len(speech)]
        levels = loudness[: len(probabilities)]
        own = (levels[:, at : at + 1] > levels - apart[at]).all(axis=1)
        speech[: len(probabilities), at] = probabilities * own
        progress(_SPEECH * (at + 1) / len(tracks))
    return speech


def _apart(loudness: _Shares) -> _Shares:
    """Decibels that a channel may be quieter than another while its own speaker speaks.

    Shape ``(channels, channels)``: of the row's channel against the column's. `APART`, and less
    where the other's voice is heard that well in this channel: people who share a room.
    """
    channels = loudness.shape[1]
    found = np.zeros((channels, channels), dtype=np.float32)
    for other in range(channels):
        level = loudness[:, other]
        speaks = level > np.percentile(level, _LOUDEST) - _LOUD
        lower = level[speaks, None] - loudness[speaks]
        alone = np.percentile(lower, _ALONE, axis=0)
        found[:, other] = np.clip(alone - _CLEARLY, _LEAST_APART, APART)
    return found


def _spans(speech: _Shares, duration: float) -> list[Span]:
    """Stretches of speech in one channel."""
    padded = np.concatenate([[0], speech > 0.5, [0]])
    edges = np.flatnonzero(np.diff(padded)).tolist()
    found: list[Span] = []
    for first, past in zip(edges[::2], edges[1::2], strict=True):
        span = _span(first, past, duration)
        if found and span.start - found[-1].end < _PAUSE:
            span = Span(found.pop().start, span.end)
        found.append(span)
    return [span for span in found if span.duration >= _SHORTEST]


def _span(first: int, past: int, duration: float) -> Span:
    """Frames as seconds, none after the audio's end."""
    end = min(past * LEVEL_FRAME, duration)
    start = min(first * LEVEL_FRAME, end)
    return Span(round(start, 3), math.floor(end * 1000 + 1e-6) / 1000)


def _labels(spoken: Sequence[Sequence[Span]]) -> dict[int, str]:
    """The label of each channel in which somebody speaks, by first appearance."""
    firsts = [(spans[0].start, spans[0].end, at) for at, spans in enumerate(spoken) if spans]
    firsts.sort()
    return {at: speaker_label(number) for number, (_start, _end, at) in enumerate(firsts)}


def _with_silent(labels: dict[int, str], channels: int) -> dict[int, str]:
    """The labels, and more for channels without speech: recognition may still find a word there."""
    silent = [at for at in range(channels) if at not in labels]
    more = {at: speaker_label(number) for number, at in enumerate(silent, start=len(labels))}
    return labels | more


def _named(labels: dict[int, str], names: Sequence[str]) -> dict[str, str]:
    """The names that were given, by label."""
    return {label: names[at] for at, label in labels.items() if at < len(names)}


def _turns(spoken: Sequence[Sequence[Span]], labels: dict[int, str]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for at, label in labels.items():
        turns.extend(Turn(span.start, span.end, label) for span in spoken[at])
    return sorted_turns(turns)


def _exclusive(
    loudness: _Shares,
    spoken: Sequence[Sequence[Span]],
    labels: dict[int, str],
    duration: float,
) -> tuple[Turn, ...]:
    """At any time only the loudest of those who speak."""
    speaking = np.full(loudness.shape, False)
    for at, spans in enumerate(spoken):
        for span in spans:
            first = round(span.start / LEVEL_FRAME)
            past = round(span.end / LEVEL_FRAME)
            speaking[first:past, at] = True
    loudest = np.where(speaking, loudness, -np.inf).argmax(axis=1)
    who = np.where(speaking.any(axis=1), loudest, -1)
    changes = (np.flatnonzero(np.diff(who)) + 1).tolist()
    turns: list[Turn] = []
    for first, past in pairwise([0, *changes, len(who)]):
        if past == first or who[first] < 0:
            continue
        span = _span(first, past, duration)
        if span.duration > 0:
            turns.append(Turn(span.start, span.end, labels[int(who[first])]))
    return tuple(turns)


def _activity(speech: _Shares, labels: dict[int, str]) -> Activity:
    """The probability of speech at each step."""
    steps = int(len(speech) * LEVEL_FRAME / ACTIVITY_STEP)
    times = np.arange(steps) * ACTIVITY_STEP
    frames = (times / LEVEL_FRAME).astype(int)
    return activity_levels(speech[frames], labels)


def _voices(
    tracks: Sequence[StoredAudio],
    spoken: Sequence[Sequence[Span]],
    labels: dict[int, str],
    engine: Diarizer,
    options: DiarizationOptions,
    progress: Progress,
) -> dict[str, tuple[float, ...]]:
    """The voice of each speaker; none of one whose voice cannot be embedded."""
    alone = options.model_copy(update={"speakers": 1, "min_speakers": None, "max_speakers": None})
    voices: dict[str, tuple[float, ...]] = {}
    for number, (at, label) in enumerate(labels.items(), start=1):
        voice = _voice(tracks[at], spoken[at], engine, alone)
        if voice:
            voices[label] = voice
        progress(_SPEECH + (1 - _SPEECH) * number / len(labels))
    return voices


def _voice(
    track: StoredAudio,
    spans: Sequence[Span],
    engine: Diarizer,
    options: DiarizationOptions,
) -> tuple[float, ...] | None:
    """The voice in one channel, from the first minute of its speech."""
    session = engine.begin(options)
    seconds = 0.0
    for span in spans:
        if seconds >= _VOICE_SAMPLE:
            break
        session.feed(track.read(span), _no_progress)
        seconds += span.duration
    embeddings = session.result(_no_progress).embeddings
    return next(iter(embeddings.values()), None)


def _no_progress(_share: float) -> None:
    """Report nothing: a voice is a small part of the work."""
