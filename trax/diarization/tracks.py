"""Diarization without clustering: every speaker has a channel of their own."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trax.audio import StoredAudio, voice_activity
from trax.audio.tracks import APART, LEVEL_FRAME
from trax.diarization.engine import DiarizationOptions, Diarizer, Progress
from trax.transcript import ACTIVITY_STEP, Activity, Diarization, Span, Turn

VERSION = 1
"""Grows when the same audio comes to give other turns."""

_PAUSE = 0.3  # seconds without speech that end a turn
_SHORTEST = 0.1  # seconds; a shorter turn is none
_VOICE_SAMPLE = 60.0  # seconds of each channel from which its voice is learned


def diarize_tracks(
    tracks: Sequence[StoredAudio],
    loudness: NDArray[np.float32],
    engine: Diarizer,
    options: DiarizationOptions,
    progress: Progress,
) -> Diarization:
    """Who speaks when, from who is heard in which channel.

    Speech counts in a channel where it is not far quieter than in another one: the rest is heard
    across the room.

    Args:
        loudness: level of each channel in dB, shape ``(frames, channels)``, as
            `trax.audio.tracks.levels` gives it.
        engine: for what the voices sound like.
    """
    speech = np.zeros(loudness.shape, dtype=np.float32)
    for at, track in enumerate(tracks):
        probabilities = voice_activity(track).probabilities[: len(speech)]
        own = (
            loudness[: len(probabilities), at] > loudness[: len(probabilities)].max(axis=1) - APART
        )
        speech[: len(probabilities), at] = probabilities * own
        progress(0.6 * (at + 1) / len(tracks))
    duration = max(track.duration for track in tracks)
    spoken = [_turns(speech[:, at], duration) for at in range(len(tracks))]
    heard = sorted((turns[0].start, turns[0].end, at) for at, turns in enumerate(spoken) if turns)
    labels = {at: f"SPEAKER_{number:02d}" for number, (_, _, at) in enumerate(heard)}
    turns = [
        Turn(span.start, span.end, label) for at, label in labels.items() for span in spoken[at]
    ]
    voices: dict[str, tuple[float, ...]] = {}
    for number, (at, label) in enumerate(labels.items(), start=1):
        voice = _voice(tracks[at], spoken[at], engine, options)
        voices |= {label: voice} if voice else {}
        progress(0.6 + 0.4 * number / len(labels))
    ordered = tuple(sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker)))
    return Diarization(
        turns=ordered,
        exclusive_turns=_exclusive(loudness, spoken, labels, duration),
        embeddings=voices,
        engine=fingerprint(engine),
        voice_model=engine.voice_model,
        activity=_activity(speech, labels),
        names={label: options.names[at] for at, label in labels.items() if at < len(options.names)},
    )


def fingerprint(engine: Diarizer) -> str:
    """Names this way of diarizing and the engine that it takes voices from."""
    return f"tracks-{VERSION}/{engine.fingerprint}"


def _turns(speech: NDArray[np.float32], duration: float) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speech > 0.5, [0]]))).tolist()
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
    return Span(round(min(first * LEVEL_FRAME, end), 3), math.floor(end * 1000 + 1e-6) / 1000)


def _exclusive(
    loudness: NDArray[np.float32],
    spoken: Sequence[Sequence[Span]],
    labels: dict[int, str],
    duration: float,
) -> tuple[Turn, ...]:
    """At any time the loudest of those who speak."""
    speaking = np.full(loudness.shape, False)
    for at, spans in enumerate(spoken):
        for span in spans:
            speaking[round(span.start / LEVEL_FRAME) : round(span.end / LEVEL_FRAME), at] = True
    who = np.where(speaking.any(axis=1), np.where(speaking, loudness, -np.inf).argmax(axis=1), -1)
    edges = [0, *(np.flatnonzero(np.diff(who)) + 1).tolist(), len(who)]
    return tuple(
        Turn(span.start, span.end, labels[int(who[first])])
        for first, past in pairwise(edges)
        if past > first and who[first] >= 0 and (span := _span(first, past, duration)).duration > 0
    )


def _activity(speech: NDArray[np.float32], labels: dict[int, str]) -> Activity:
    times = np.arange(int(len(speech) * LEVEL_FRAME / ACTIVITY_STEP)) * ACTIVITY_STEP
    frames = (times / LEVEL_FRAME).astype(int)
    ninths = np.rint(speech[frames] * 9).astype(int).clip(0, 9)
    return Activity({label: "".join(map(str, ninths[:, at])) for at, label in labels.items()})


def _voice(
    track: StoredAudio, spans: Sequence[Span], engine: Diarizer, options: DiarizationOptions
) -> tuple[float, ...] | None:
    """What the person of one channel sounds like, from the first minute of what they say."""
    session = engine.begin(
        options.model_copy(update={"speakers": 1, "min_speakers": None, "max_speakers": None})
    )
    seconds = 0.0
    for span in spans:
        if seconds < _VOICE_SAMPLE:
            session.hear(track.read(span), lambda _share: None)
            seconds += span.duration
    return next(iter(session.told(lambda _share: None).embeddings.values()), None)
