"""Where listening again is worth most: doubtful words and speakers, by calibrated confidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from trax.transcript import Segment, Transcript, Word, joined_text, spelling

DOUBTFUL = 0.8
"""Words whose confidence is below this are to be heard again."""

UNSURE_SPEAKER = 0.6
"""Segments whose speaker is right with less probability are."""

_NEAR = 2  # sure words between two doubtful ones that are heard together
_CONTEXT = 6  # words before and after
_LEAD = 1.5  # seconds played before a place,
_TAIL = 0.8  # and after it
_DECIDING = 8.0  # seconds to decide and type


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Something to be heard again.

    Attributes:
        kind: ``words`` or ``speaker``.
        words: ids, in order.
        context: what is said before and after.
        speaker: label of whoever seems to say it.
        expected_errors: words, or for a speaker words at the wrong one, to be expected there.
        seconds: that it takes to listen and to decide.
        readings: other texts for these words that are known.
    """

    kind: str
    start: float
    end: float
    words: tuple[str, ...]
    text: str
    context: tuple[str, str]
    speaker: str | None
    expected_errors: float
    seconds: float
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What reading the places brings.

    Attributes:
        places: those with the most errors a second first.
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
    known: dict[str, list[Reading]] = {}
    for reading in _edits(transcript):
        for word in reading.words:
            known.setdefault(word, []).append(reading)
    places = [place for segment in transcript.segments for place in _places(segment, known)]
    places.sort(key=lambda each: (-each.expected_errors / each.seconds, each.start))
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


def _places(segment: Segment, known: dict[str, list[Reading]]) -> Iterator[Place]:
    for run in _runs(segment.words):
        chosen = segment.words[run.start : run.stop]
        others = [each.text for word in chosen for each in known.get(word.id, ())]
        others += _other_texts(chosen)
        yield _place("words", segment, run, _doubt(chosen), tuple(dict.fromkeys(others)))
    sure = [word.speaker_confidence for word in segment.words]
    shares = [share for share in sure if share is not None]
    if shares and sum(shares) / len(shares) < UNSURE_SPEAKER:
        whole = range(len(segment.words))
        yield _place("speaker", segment, whole, sum(1 - share for share in shares), ())


def _other_texts(words: Sequence[Word]) -> list[str]:
    """The text of *words* with one of them read otherwise, the likeliest first."""
    found = []
    for at, word in enumerate(words):
        for each in word.alternatives:
            other = [replace(word, text=each.text)] if each.text else []
            found.append((each.confidence, joined_text([*words[:at], *other, *words[at + 1 :]])))
    found.sort(key=lambda each: -each[0])
    return [text for _sure, text in found]


def _runs(words: Sequence[Word]) -> list[range]:
    """Doubtful words that are heard together."""
    runs: list[range] = []
    for at, word in enumerate(words):
        if word.confidence is None or word.confidence >= DOUBTFUL:
            continue
        if runs and at - runs[-1].stop <= _NEAR:
            runs[-1] = range(runs[-1].start, at + 1)
        else:
            runs.append(range(at, at + 1))
    return runs


def _doubt(words: Sequence[Word]) -> float:
    return sum(1 - word.confidence for word in words if word.confidence is not None)


def _place(
    kind: str, segment: Segment, run: range, errors: float, others: tuple[str, ...]
) -> Place:
    words = segment.words[run.start : run.stop]
    start = min(word.start for word in words)
    end = max(word.end for word in words)
    before = segment.words[max(0, run.start - _CONTEXT) : run.start]
    after = segment.words[run.stop : run.stop + _CONTEXT]
    return Place(
        kind=kind,
        start=start,
        end=end,
        words=tuple(word.id for word in words),
        text=joined_text(words),
        context=(joined_text(before), joined_text(after)),
        speaker=segment.speaker,
        expected_errors=round(errors, 3),
        seconds=round(_LEAD + end - start + _TAIL + _DECIDING, 1),
        readings=others,
    )


def _within(transcript: Transcript, start: float, end: float, text: str) -> tuple[str, ...]:
    """The words that stand at this time, if they read so."""
    words = [word for word in transcript.words if start <= word.start and word.end <= end]
    return tuple(word.id for word in words) if joined_text(words) == text else ()
