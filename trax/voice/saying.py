"""A sentence said so that it takes the time that it has."""

import re
from dataclasses import dataclass, replace

import numpy as np

from trax.audio import Waveform
from trax.voice.engine import Narrator
from trax.voice.fitting import Fit, fitted, trimmed

SLOWEST, FASTEST = 0.75, 1.35
"""Speeds at which engines still speak clearly."""

_CLOSE = 0.07  # share of the length below which it is not said again at another speed
_PAUSE = 0.15  # seconds between parts that are said one by one
_CLAUSE = re.compile(r"(?<=[,;:.?!])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A way of saying a sentence.

    Attributes:
        speed: times the speed that it needs to fit its place.
        parts: how many parts of it are said one by one.
    """

    speed: float = 1.0
    parts: int = 1


ATTEMPTS = (Attempt(), Attempt(speed=0.92), Attempt(parts=2), Attempt(speed=1.08))
"""Ways to try, the best first."""


def ways(again: int) -> tuple[Attempt, ...]:
    """The ways to try for an utterance that was made *again* so often, the best first.

    >>> ways(1)[0] == ATTEMPTS[1], ways(4) == ATTEMPTS
    (True, True)
    """
    first = again % len(ATTEMPTS)
    return ATTEMPTS[first:] + ATTEMPTS[:first]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How a sentence was said.

    Attributes:
        speed: at which the engine spoke; 1 is the voice's own.
        natural: seconds that it takes at the voice's own speed.
        stretch: length after fitting over length before.
        duration: seconds.
        over: seconds that it is longer than its place; below 0 if it is shorter.
    """

    speed: float
    natural: float
    stretch: float
    duration: float
    over: float


def said(
    narrator: Narrator,
    text: str,
    language: str,
    duration: float,
    attempt: Attempt,
    natural: float = 0.0,
) -> tuple[Waveform, Spoken]:
    """*text* said by *narrator* in *duration* seconds as nearly as it sounds natural.

    Args:
        natural: seconds that it takes at the voice's own speed; 0 if nobody knows.

    Raises:
        EngineError: nothing was said.
    """
    speech = None
    if not natural:
        speech = _whole(narrator, text, language, 1.0, attempt.parts)
        natural = speech.duration
    speed = min(FASTEST, max(SLOWEST, natural / duration)) if duration else 1.0
    if abs(natural / max(duration, 1e-9) - 1.0) <= _CLOSE:
        speed = 1.0
    speed = round(speed * attempt.speed, 3)
    if speech is None or speed != 1.0:
        speech = _whole(narrator, text, language, speed, attempt.parts)
    speech, fit = fitted(speech, duration)
    return speech, _spoken(fit, speed, natural)


def parts_of(text: str, count: int) -> list[str]:
    """A text in up to *count* parts, cut between clauses, else between words.

    >>> parts_of("If it rains, we stay at home today.", 2)
    ['If it rains,', 'we stay at home today.']
    >>> parts_of("We stay at home", 2), parts_of("Hello", 2)
    (['We stay', 'at home'], ['Hello'])
    """
    words = text.split()
    if count < 2 or len(words) < 2:
        return [text]
    ends = [len(text[: found.start()].split()) for found in _CLAUSE.finditer(text)]
    middle = len(words) / 2
    at = min(ends or [len(words) // 2], key=lambda end: abs(end - middle))
    return [" ".join(words[:at]), " ".join(words[at:])]


def _spoken(fit: Fit, speed: float, natural: float) -> Spoken:
    return Spoken(
        speed=speed,
        natural=round(natural, 3),
        stretch=round(fit.stretch, 3),
        duration=round(fit.duration, 3),
        over=round(fit.over, 3),
    )


def _whole(narrator: Narrator, text: str, language: str, speed: float, parts: int) -> Waveform:
    pieces = [
        trimmed(narrator.say(part, language, speed)) for part in parts_of(text, parts) if part
    ]
    samples = [pieces[0].samples]
    silence = np.zeros(round(_PAUSE * pieces[0].sample_rate), np.float32)
    for each in pieces[1:]:
        samples += [silence, each.samples]
    return replace(pieces[0], samples=np.concatenate(samples))
