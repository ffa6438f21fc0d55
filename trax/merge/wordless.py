"""Stretches in which somebody speaks and no word was recognised."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from trax.transcript import Span
from trax.transcript.cautions import WARNINGS
from trax.transcript.span import format_clock

_LEAST = 5.0  # seconds; shorter is a laugh, a sigh or a murmur
_LEAST_ALONE = 1.0  # seconds, in a recording without any word
_AROUND = 0.5  # seconds around a word that belong to it
_LONGEST_WORD = 30.0  # seconds
_PAUSE = 1.0  # seconds without speech that do not end a stretch
_LISTED = 3


def wordless(speech: Iterable[Span], words: Sequence[Span]) -> list[Span]:
    """Stretches of *speech* without *words*, each at least five seconds long.

    In a recording without any word one second is enough.

    >>> wordless([Span(0.0, 20.0)], [Span(1.0, 2.0), Span(9.0, 9.5)])
    [Span(start=2.5, end=8.5), Span(start=10.0, end=20.0)]
    """
    least = _LEAST if words else _LEAST_ALONE
    heard = sorted(words, key=_start)
    found: list[Span] = []
    for stretch in _joined(speech):
        first = bisect_left(heard, stretch.start - _LONGEST_WORD, key=_start)
        inside = heard[first : bisect_left(heard, stretch.end, key=_start)]
        found.extend(span for span in _between(stretch, inside) if span.duration >= least)
    return found


def wordless_warnings(speech: Iterable[Span], words: Sequence[Span]) -> tuple[str, ...]:
    """A sentence about such stretches, if there are any."""
    spans = wordless(speech, words)
    if not spans:
        return ()
    places = [f"{format_clock(span.start)}–{format_clock(span.end)}" for span in spans[:_LISTED]]
    more = len(spans) - len(places)
    total = format_clock(sum(span.duration for span in spans))
    code = "no-word-more" if more else "no-word"
    return (WARNINGS.say(code, places=", ".join(places), more=more, total=total),)


def _start(span: Span) -> float:
    return span.start


def _joined(speech: Iterable[Span]) -> Iterator[Span]:
    """The stretches that *speech* covers, in order, without short pauses."""
    now: Span | None = None
    for span in sorted(speech, key=_start):
        if now is not None and span.start - now.end <= _PAUSE:
            now = Span(now.start, max(now.end, span.end))
            continue
        if now is not None:
            yield now
        now = Span(span.start, span.end)
    if now is not None:
        yield now


def _between(stretch: Span, words: Sequence[Span]) -> Iterator[Span]:
    """What of *stretch* no word covers."""
    at = stretch.start
    for word in words:
        if word.start - _AROUND > at:
            yield Span(at, word.start - _AROUND)
        at = max(at, word.end + _AROUND)
    if stretch.end > at:
        yield Span(at, stretch.end)
