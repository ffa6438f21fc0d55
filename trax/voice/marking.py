"""Whether speech anywhere in a recording bears the mark of synthetic speech."""

from collections.abc import Iterable, Iterator
from math import ceil

from trax.audio import Audio, voice_activity
from trax.transcript import Span
from trax.voice.engine import Watermark

_PAUSE = 0.5  # seconds: a shorter one does not end a stretch of speech
_LONGEST = 10.0  # seconds that are looked at together
_SHORTEST = 1.5  # seconds that say enough


def surest_mark(watermark: Watermark, audio: Audio) -> float:
    """The surest that *watermark* is of any stretch of speech in 16 kHz *audio*, 0 to 1.

    Nothing else is looked at: a detector takes music for marked now and then.

    Raises:
        MissingPart, ModelUnavailable: there is no detector.
    """
    spans = voice_activity(audio).spans(_PAUSE)
    marks = (watermark.detect(audio.read(span)) for span in _windows(spans))
    return max(marks, default=0.0)


def _windows(spans: Iterable[Span]) -> Iterator[Span]:
    """Long enough *spans*, the longest in equal parts."""
    for span in spans:
        if span.duration < _SHORTEST:
            continue
        parts = ceil(span.duration / _LONGEST)
        step = span.duration / parts
        for at in range(parts):
            yield Span(span.start + at * step, span.start + (at + 1) * step)
