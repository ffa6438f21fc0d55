"""Where listening again is worth most: doubtful words and speakers, by calibrated confidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from trax.service.places import Place, queue
from trax.transcript import Transcript, Word, joined_text, spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What reading the places brings.

    Attributes:
        places: those where listening is worth most first.
        words: of the transcript.
        rate_now: share of the words that is probably wrong; ``None`` if there are no words.
        rate_after: and once all places are right.
        minutes: that this takes.
        curve: after each tenth of the time: share of the time, and the rate then.
    """

    places: tuple[Place, ...]
    words: int
    rate_now: float | None
    rate_after: float | None
    minutes: float
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Another text for some words.

    Attributes:
        words: ids.
        text: of the other reading; empty if nothing was said by it.
        source: what read so: ``recognition``, ``language model``, or the name of a recogniser's
            model.
        reason: why it was not taken; empty if it was replaced since.
    """

    words: tuple[str, ...]
    start: float
    end: float
    text: str
    source: str
    reason: str


def readings(transcript: Transcript) -> list[Reading]:
    """Other texts for words that the transcript holds: what a language model replaced, what it
    asked for in vain, and what other passes or hypotheses of the recogniser have; by time.
    """
    found = [*_edits(transcript), *_alternatives(transcript.words)]
    return sorted(found, key=lambda each: each.start)


def _alternatives(words: Sequence[Word]) -> Iterator[Reading]:
    for word in words:
        for each in word.alternatives:
            if spelling(each.text) != spelling(word.text):
                yield Reading(
                    (word.id,), word.start, word.end, each.text, each.source, "another was surer"
                )


def _edits(transcript: Transcript) -> list[Reading]:
    enhancement = transcript.enhancement
    known = {word.id for word in transcript.words}
    found = []
    for edit in enhancement.edits if enhancement else ():
        if edit.rejected:
            words = _within(transcript, edit.start, edit.end, edit.before)
            made = Reading(words, edit.start, edit.end, edit.after, "language model", edit.rejected)
        else:
            words = tuple(word for word in edit.words if word in known)
            made = Reading(words, edit.start, edit.end, edit.before, "recognition", "")
        if words:
            found.append(made)
    return found


def outlook(transcript: Transcript) -> Outlook:
    """What there is to be heard again, and what that brings."""
    places = queue(transcript, _known_texts(transcript))
    words = len(transcript.words)
    wrong = sum(1 - word.confidence for word in transcript.words if word.confidence is not None)
    scale = _scale(transcript, wrong, words)
    found = [each.expected_errors if each.kind == "words" else 0.0 for each in places]
    left = [max(0.0, wrong - come) * scale for come in accumulate(found, initial=0.0)]
    return Outlook(
        places=tuple(places),
        words=words,
        rate_now=round(left[0] / words, 4) if words else None,
        rate_after=round(left[-1] / words, 4) if words else None,
        minutes=round(sum(each.seconds for each in places) / 60, 1),
        curve=_curve(places, left, words),
    )


def _known_texts(transcript: Transcript) -> dict[tuple[str, ...], list[str]]:
    """What a language model wrote or replaced, by the ids of the words in whose place."""
    known: dict[tuple[str, ...], list[str]] = {}
    for reading in _edits(transcript):
        known.setdefault(reading.words, []).append(reading.text)
    return known


def _scale(transcript: Transcript, wrong: float, words: int) -> float:
    """Errors for each error that the words' own confidence lets expect: words that are missing are
    errors, too.
    """
    expected = transcript.expected_errors
    if expected is None or not wrong:
        return 1.0
    return max(1.0, min(3.0, expected.rate * words / wrong))


def _curve(
    places: Sequence[Place], left: Sequence[float], words: int
) -> tuple[tuple[float, float], ...]:
    total = sum(each.seconds for each in places)
    if not words or not total:
        return ()
    spent = list(accumulate((each.seconds for each in places), initial=0.0))
    found = []
    for tenth in range(11):
        at = max(n for n, seconds in enumerate(spent) if seconds <= total * tenth / 10 + 1e-9)
        found.append((tenth / 10, round(left[at] / words, 4)))
    return tuple(found)


def _within(transcript: Transcript, start: float, end: float, text: str) -> tuple[str, ...]:
    """The words that stand at this time, if they read so."""
    words = [word for word in transcript.words if start <= word.start and word.end <= end]
    return tuple(word.id for word in words) if joined_text(words) == text else ()
