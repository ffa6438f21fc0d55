"""What is to be heard again in a transcript: places, the most rewarding first.

The page for a transcript makes the same queue (`web/src/transcript/review/queue.ts`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from trax.transcript import Segment, Transcript, Word, joined_text, spelling

LEVELS = (0.5, 0.7, 0.85, 0.92, 0.96)
"""Words are heard again level by level: those whose confidence is below the first, then those
below the second.
"""

UNSURE_SPEAKER = 0.6
"""Segments whose speaker is right with less probability are to be heard again."""

NEAR = 1
"""Words between two of one level that are heard together."""

MOST_READINGS = 3
"""Other texts that a place offers."""

DECIDING = 8.0
"""Seconds to decide and type."""

_CONTEXT = 6  # words before and after
_LEAD = 1.5  # seconds played before a place,
_TAIL = 0.8  # and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Something to be heard again.

    Attributes:
        kind: ``words`` or ``speaker``.
        level: places of lower levels come first.
        words: ids, in order.
        context: what is said before and after.
        speaker: label of whoever seems to say it.
        expected_errors: words, or for a speaker words at the wrong one, to be expected there.
        seconds: that it takes to listen and to decide.
        readings: other texts for these words that are known, the likeliest first.
    """

    kind: str
    level: int
    start: float
    end: float
    words: tuple[str, ...]
    text: str
    context: tuple[str, str]
    speaker: str | None
    expected_errors: float
    seconds: float
    readings: tuple[str, ...]


def queue(
    transcript: Transcript,
    known: Mapping[tuple[str, ...], Sequence[str]],
    levels: Sequence[float] = LEVELS,
    near: int = NEAR,
) -> list[Place]:
    """All places: by level, then those first where a second of listening finds most errors.

    Args:
        known: by words' ids, other texts for just these words.
        levels: confidences, rising; words that are at least as sure as the last are not heard.
        near: words between two of one level that are heard together.
    """
    found: list[Place] = []
    for segment in transcript.segments:
        for level, run in _runs(segment.words, levels, near):
            found.append(_words_place(segment, run, level, known))
        found.extend(_speaker_places(segment))
    found.sort(key=lambda each: (each.level, -each.expected_errors / each.seconds, each.start))
    return found


def _runs(words: Sequence[Word], levels: Sequence[float], near: int) -> Iterator[tuple[int, range]]:
    """Doubtful words that are heard together, and their level."""
    taken: set[int] = set()
    for level, least in enumerate(levels):
        runs: list[range] = []
        for at, word in enumerate(words):
            if at in taken or word.confidence is None or word.confidence >= least:
                continue
            if runs and _are_together(runs[-1], at, near, taken):
                runs[-1] = range(runs[-1].start, at + 1)
            else:
                runs.append(range(at, at + 1))
        for run in runs:
            taken.update(run)
            yield level, run


def _are_together(run: range, at: int, near: int, taken: set[int]) -> bool:
    between = range(run.stop, at)
    return len(between) <= near and taken.isdisjoint(between)


def _words_place(
    segment: Segment, run: range, level: int, known: Mapping[tuple[str, ...], Sequence[str]]
) -> Place:
    words = segment.words[run.start : run.stop]
    others = known.get(tuple(word.id for word in words), ())
    errors = sum(_doubt(word) for word in words)
    readings = _new_texts(joined_text(words), [*others, *_other_texts(words)])
    return _place("words", segment, run, level, errors, readings)


def _speaker_places(segment: Segment) -> Iterator[Place]:
    known = [word.speaker_confidence for word in segment.words]
    shares = [share for share in known if share is not None]
    if shares and sum(shares) / len(shares) < UNSURE_SPEAKER:
        errors = sum(1 - share for share in shares)
        yield _place("speaker", segment, range(len(segment.words)), 0, errors, ())


def _doubt(word: Word) -> float:
    return 0.0 if word.confidence is None else 1 - word.confidence


def _other_texts(words: Sequence[Word]) -> list[str]:
    """The text of *words* with one of them read otherwise, the likeliest first."""
    found = []
    for at, word in enumerate(words):
        for each in word.alternatives:
            other = [replace(word, text=each.text)] if each.text else []
            text = joined_text([*words[:at], *other, *words[at + 1 :]])
            found.append((each.confidence * _doubt(word), text))
    found.sort(key=lambda each: -each[0])
    return [text for _likely, text in found]


def _new_texts(text: str, others: Iterable[str]) -> tuple[str, ...]:
    """Those that differ from *text* and each other in spelling."""
    known = {spelling(text)}
    found: list[str] = []
    for other in others:
        if spelling(other) not in known:
            known.add(spelling(other))
            found.append(other)
    return tuple(found[:MOST_READINGS])


def _place(
    kind: str, segment: Segment, run: range, level: int, errors: float, others: tuple[str, ...]
) -> Place:
    words = segment.words[run.start : run.stop]
    start = min(word.start for word in words)
    end = max(word.end for word in words)
    before = segment.words[max(0, run.start - _CONTEXT) : run.start]
    after = segment.words[run.stop : run.stop + _CONTEXT]
    return Place(
        kind=kind,
        level=level,
        start=start,
        end=end,
        words=tuple(word.id for word in words),
        text=joined_text(words),
        context=(joined_text(before), joined_text(after)),
        speaker=segment.speaker,
        expected_errors=round(errors, 3),
        seconds=round(_LEAD + end - start + _TAIL + DECIDING, 1),
        readings=others,
    )
