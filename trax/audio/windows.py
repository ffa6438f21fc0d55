"""Long recordings as windows cut at silence, so that memory does not grow with the recording."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trax.audio.activity import VoiceActivity
from trax.audio.waveform import StoredAudio
from trax.transcript.span import Span

_FRAME = 0.02  # seconds a level is taken over
_QUIET = 0.5  # seconds that should be quiet around a cut
_SEARCH = 0.25  # the last part of a window in which a cut is looked for

_PAUSE = 0.3  # seconds without speech at which a window may end
_BREAK = 2.0  # seconds without speech that always end one, so that no silence is decoded
_MARGIN = 0.3  # seconds kept around speech, for its first and last sounds
_OVERLAP = 1.0  # seconds that two windows share if speech had to be cut


def windows_at_silence(audio: StoredAudio, longest: float) -> list[Span]:
    """Spans that cover all of *audio* without gap or overlap, none over *longest* seconds.

    Each cut lies in the quietest half second of the last quarter of its window; ties go to the
    earliest. A recording no longer than *longest* is one window.
    """
    windows = []
    start = 0.0
    while audio.duration - start > longest:
        search = Span(start + (1 - _SEARCH) * longest, start + longest)
        quietest = search.start + _quietest(audio.read(search).samples, audio.sample_rate)
        cut = min(quietest, search.end)  # samples that were read may end past it by part of one
        windows.append(Span(start, cut))
        start = cut
    windows.append(Span(start, audio.duration))
    return windows


def windows_of_speech(activity: VoiceActivity, longest: float) -> list[Span]:
    """Spans that cover all speech, in order, at most *longest* seconds each without margins.

    A pause of two seconds always ends a window, so what is said before it does not change how the
    speech after it is cut. Speech that goes on for longer than *longest* without a pause is cut
    where it is least likely, and the two windows overlap by a second.
    """
    pieces: list[Span] = []
    for span in activity.spans(_PAUSE):
        pieces.extend(cut_speech(activity, span, longest))
    packed: list[Span] = []
    first = 0
    while first < len(pieces):
        past = _past_window(pieces, first, longest)
        packed.append(Span(pieces[first].start, pieces[past - 1].end))
        first = past
    return list(_widened(packed, activity.duration))


def cut_speech(activity: VoiceActivity, span: Span, longest: float) -> Iterator[Span]:
    """*span* in parts of at most *longest* seconds, cut where speech is least likely.

    Each cut lies in the last third of what may be one part.
    """
    start = span.start
    while span.end - start > longest:
        cut = activity.quietest(Span(start + longest * 2 / 3, start + longest))
        yield Span(start, cut)
        start = cut
    yield Span(start, span.end)


def _past_window(pieces: Sequence[Span], first: int, longest: float) -> int:
    """The first piece after the window that begins with *first*.

    The window ends at a break, or at the longest pause of its second half.
    """
    start = pieces[first].start
    past = first + 1
    while past < len(pieces) and 0 < _pause_before(pieces, past) <= _BREAK:
        if pieces[past].end - start > longest:
            return _longest_pause(pieces, first, past, longest / 2)
        past += 1
    return past


def _longest_pause(pieces: Sequence[Span], first: int, last: int, earliest: float) -> int:
    """The piece after the longest pause, more than *earliest* seconds after the first; else *last*.

    Only pieces up to *last* are looked at.
    """
    start = pieces[first].start
    late = [at for at in range(first + 1, last + 1) if pieces[at].start - start > earliest]
    return max(late or [last], key=lambda at: _pause_before(pieces, at))


def _pause_before(pieces: Sequence[Span], at: int) -> float:
    return pieces[at].start - pieces[at - 1].end


def _widened(spans: Sequence[Span], duration: float) -> Iterator[Span]:
    """Each span with a margin up to the middle of a pause, or an overlap if speech was cut."""
    for at, span in enumerate(spans):
        start = span.start - _margin_before(spans, at)
        end = span.end + _margin_after(spans, at, duration)
        yield Span(max(0.0, start), min(end, duration))


def _margin_before(spans: Sequence[Span], at: int) -> float:
    if at == 0:
        return min(_MARGIN, spans[at].start)
    pause = spans[at].start - spans[at - 1].end
    return min(_MARGIN, pause / 2) or _OVERLAP / 2


def _margin_after(spans: Sequence[Span], at: int, duration: float) -> float:
    if at + 1 == len(spans):
        return min(_MARGIN, (duration - spans[at].end) / 2)
    pause = spans[at + 1].start - spans[at].end
    return min(_MARGIN, pause / 2) or _OVERLAP / 2


def _quietest(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Seconds into *samples* of the middle of the quietest stretch."""
    frame = round(_FRAME * sample_rate)
    whole = samples[: len(samples) // frame * frame]
    levels = np.square(whole).reshape(-1, frame).mean(axis=1)
    width = round(_QUIET / _FRAME)
    if len(levels) <= width:
        return len(samples) / sample_rate
    energy = np.convolve(levels, np.ones(width), mode="valid")
    return (int(np.argmin(energy)) + width / 2) * _FRAME
