"""Word times made sound: cross-attention says about when, voice activity says what cannot be."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from trax.asr.heard import HeardWord
from trax.audio.activity import VoiceActivity
from trax.transcript import Span

_PAUSE = 0.1  # seconds without speech that a word does not go across
_LONGEST = 0.4  # seconds a word may last, and
_PER_LETTER = 0.12  # as many for each letter: beyond that it stands over something else
_SHORTEST = 0.02  # seconds
_WORD = 0.13  # seconds, and
_LETTER = 0.055  # seconds a letter: what a word of read English lasts


def usual_duration(text: str) -> float:
    """Seconds that a word of so many letters usually lasts."""
    return _WORD + _LETTER * len(text)


def refined(words: Sequence[HeardWord], activity: VoiceActivity) -> list[HeardWord]:
    """The same words, each no longer than it can be and only where somebody speaks.

    Words come out in the order of their starts, at least 20 ms long, without overlap, inside the
    audio. A word that no speech touches keeps its place: whether it was said at all is judged
    elsewhere.
    """
    speech = _Speech(activity.spans(_PAUSE))
    fitted = sorted(
        (_fitted(word, speech) for word in words), key=lambda word: (word.start, word.end)
    )
    return in_order(fitted, activity.duration)


def in_order(words: Sequence[HeardWord], duration: float) -> list[HeardWord]:
    """The same words with positive durations and no overlap, inside ``[0, duration]``.

    Where two overlap, the earlier ends when the later starts; starts give way only so that every
    word lasts 20 ms, or where there is no room for that, as long as there is room for.
    """
    shortest = min(_SHORTEST, duration / (2 * max(1, len(words))))
    digits = 3 if shortest == _SHORTEST else 9  # a millisecond is too much where there is no room
    starts: list[float] = []
    for at, word in enumerate(words):
        latest = duration - shortest * (len(words) - at)  # all that follow must fit
        earliest = starts[-1] + shortest if starts else 0.0
        starts.append(round(max(min(word.start, latest), earliest), digits))
    limits = [*starts, duration][1:]
    return [
        replace(word, start=start, end=min(round(max(word.end, start + shortest), digits), limit))
        for word, start, limit in zip(words, starts, limits, strict=False)
    ]


class _Speech:
    """Stretches of speech by time."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]

    def of(self, word: HeardWord) -> Span | None:
        """The stretch that *word* is spoken in.

        Cross-attention lets a word begin where the one before ends, so a word that goes across a
        pause is spoken after it, if there is room for half of it; else where most of it is.
        """
        near = self._spans[
            max(0, bisect_right(self._starts, word.start) - 1) : bisect_right(
                self._starts, word.end
            )
        ]
        touching = [span for span in near if span.overlap(word) > 0]
        roomy = [span for span in touching if span.overlap(word) >= usual_duration(word.text) / 2]
        return (
            roomy[-1] if roomy else max(touching, key=lambda span: span.overlap(word), default=None)
        )


def _fitted(word: HeardWord, speech: _Speech) -> HeardWord:
    stretch = speech.of(word)
    start, end = word.start, word.end
    if stretch is not None:
        start, end = max(start, stretch.start), min(end, stretch.end)
    longest = _LONGEST + _PER_LETTER * len(word.text)
    if (
        end - start > longest
    ):  # the first word after a pause begins too early, any other ends too late
        begins = stretch is not None and start <= stretch.start
        start, end = (
            (end - longest, end)
            if begins and not _ends_sentence(word.text)
            else (start, start + longest)
        )
    return replace(word, start=start, end=end)


def _ends_sentence(text: str) -> bool:
    return text[-1:] in ".?!…"
