"""Word times made plausible: cross-attention is approximate, voice activity rules places out."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from trax.asr.evidence import WordHypothesis
from trax.audio.activity import VoiceActivity
from trax.transcript import Span

_PAUSE = 0.1  # seconds without speech that a word does not span
_LONGEST = 0.4  # seconds a word may last, and
_PER_LETTER = 0.12  # as many for each letter: anything longer covers something else
_SHORTEST = 0.02  # seconds
_WORD = 0.13  # seconds, and
_LETTER = 0.055  # seconds a letter: how long a word of read English usually lasts


def usual_duration(text: str) -> float:
    """Seconds that a word of so many letters usually lasts."""
    return _WORD + _LETTER * len(text)


def refined(words: Sequence[WordHypothesis], activity: VoiceActivity) -> list[WordHypothesis]:
    """The same words, none longer than plausible and each where somebody speaks.

    Words come out in order of their starts, at least 20 ms long, without overlap, inside the audio.
    A word away from all speech keeps its place: whether it was said is decided elsewhere.
    """
    speech = _Speech(activity.spans(_PAUSE))
    fitted = [_fitted(word, speech) for word in words]
    fitted.sort(key=lambda word: (word.start, word.end))
    return in_order(fitted, activity.duration)


def in_order(words: Sequence[WordHypothesis], duration: float) -> list[WordHypothesis]:
    """The same words with positive durations and no overlap, inside ``[0, duration]``.

    If two overlap, the earlier ends where the later starts. Starts move only as far as needed for
    every word to last 20 ms, or as long as there is room for.
    """
    shortest = min(_SHORTEST, duration / (2 * max(1, len(words))))
    digits = 3 if shortest == _SHORTEST else 9  # a millisecond is too coarse if there is no room
    starts = _starts(words, duration, shortest, digits)
    limits = [*starts[1:], duration]
    found = []
    for word, start, limit in zip(words, starts, limits, strict=False):
        end = round(max(word.end, start + shortest), digits)
        found.append(replace(word, start=start, end=min(end, limit)))
    return found


def _starts(
    words: Sequence[WordHypothesis],
    duration: float,
    shortest: float,
    digits: int,
) -> list[float]:
    """Starts at least *shortest* seconds apart that leave room for the words that follow."""
    starts: list[float] = []
    for at, word in enumerate(words):
        latest = duration - shortest * (len(words) - at)
        earliest = starts[-1] + shortest if starts else 0.0
        start = max(min(word.start, latest), earliest)
        starts.append(round(start, digits))
    return starts


class _Speech:
    """Stretches of speech, found by time."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]

    def stretch_of(self, word: WordHypothesis) -> Span | None:
        """The stretch in which *word* is spoken; ``None`` if it touches none.

        Cross-attention lets a word begin where the one before it ends. A word that spans a pause is
        therefore taken to be spoken after it, if there is room for half of it; otherwise where most
        of it lies.
        """
        first = bisect_right(self._starts, word.start) - 1
        past = bisect_right(self._starts, word.end)
        touching = [span for span in self._spans[max(0, first) : past] if span.overlap(word) > 0]
        needed = usual_duration(word.text) / 2
        for span in reversed(touching):
            if span.overlap(word) >= needed:
                return span
        return max(touching, key=lambda span: span.overlap(word), default=None)


def _fitted(word: WordHypothesis, speech: _Speech) -> WordHypothesis:
    """*word* within the stretch of speech it belongs to, shortened to a plausible duration.

    The first word after a pause tends to begin too early, any other to end too late.
    """
    stretch = speech.stretch_of(word)
    start = word.start
    end = word.end
    if stretch is not None:
        start = max(start, stretch.start)
        end = min(end, stretch.end)
    longest = _LONGEST + _PER_LETTER * len(word.text)
    if end - start <= longest:
        return replace(word, start=start, end=end)
    follows_pause = stretch is not None and start <= stretch.start
    if follows_pause and not _ends_sentence(word.text):
        return replace(word, start=end - longest, end=end)
    return replace(word, start=start, end=start + longest)


def _ends_sentence(text: str) -> bool:
    return text[-1:] in ".?!…"
