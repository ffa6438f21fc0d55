"""Long recordings as windows cut at silence, so that memory is bounded by the window and not by the
file.
"""

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
_BREAK = 2.0  # seconds without speech that always end one: nobody decodes silence
_MARGIN = 0.3  # seconds kept around speech, for its first and last sounds
_OVERLAP = 1.0  # seconds that two windows share where speech had to be cut


def windows_at_silence(audio: StoredAudio, longest: float) -> list[Span]:
    """Spans that cover all of *audio* without gap or overlap, none over *longest* seconds.

    Each cut lies in the quietest half second of the last quarter of its window; ties go to the
    earliest. A recording no longer than *longest* is one window.
    """
    windows = []
    start = 0.0
    while audio.duration - start > longest:
        search = Span(start + (1 - _SEARCH) * longest, start + longest)
        cut = search.start + _quietest(audio.read(search).samples, audio.sample_rate)
        windows.append(Span(start, cut))
        start = cut
    windows.append(Span(start, audio.duration))
    return windows


def windows_of_speech(activity: VoiceActivity, longest: float) -> list[Span]:
    """Spans that cover all speech, in order, each cut at a pause and at most *longest* seconds
    without its margins.

    A pause of two seconds always ends a window, so what is said before it does not change how the
    speech after it is cut. Where somebody speaks on for longer than *longest* without a pause, the
    cut lies where speech is least likely, and the two windows overlap by a second.
    """
    pieces = [
        piece for span in activity.spans(_PAUSE) for piece in _pieces(activity, span, longest)
    ]
    packed: list[Span] = []
    first = 0
    while first < len(pieces):
        past = _past_window(pieces, first, longest)
        packed.append(Span(pieces[first].start, pieces[past - 1].end))
        first = past
    return list(_widened(packed, activity.duration))


def _past_window(pieces: Sequence[Span], first: int, longest: float) -> int:
    """The piece past the window that begins with *first*: after the longest pause in its second
    half.
    """
    start, past = pieces[first].start, first + 1
    while past < len(pieces) and 0 < pieces[past].start - pieces[past - 1].end <= _BREAK:
        if pieces[past].end - start > longest:
            late = [
                at for at in range(first + 1, past + 1) if pieces[at].start - start > longest / 2
            ] or [past]
            return max(late, key=lambda at: pieces[at].start - pieces[at - 1].end)
        past += 1
    return past


def _pieces(activity: VoiceActivity, span: Span, longest: float) -> Iterator[Span]:
    """*span* cut where it must be: in the last third of what may be one window."""
    start = span.start
    while span.end - start > longest:
        cut = activity.quietest(Span(start + longest * 2 / 3, start + longest))
        yield Span(start, cut)
        start = cut
    yield Span(start, span.end)


def _widened(spans: Sequence[Span], duration: float) -> Iterator[Span]:
    """Each span with a margin that leaves the neighbour's speech alone, or with the overlap where
    speech was cut.
    """
    for at, span in enumerate(spans):
        before = span.start - spans[at - 1].end if at else span.start
        after = spans[at + 1].start - span.end if at + 1 < len(spans) else duration - span.end
        start = span.start - (
            min(_MARGIN, before / 2 if at else before) or (_OVERLAP / 2 if at else 0.0)
        )
        end = span.end + (min(_MARGIN, after / 2) or (_OVERLAP / 2 if at + 1 < len(spans) else 0.0))
        yield Span(max(0.0, start), min(end, duration))


def _quietest(samples: NDArray[np.float32], sample_rate: int) -> float:
    """Seconds into *samples* of the middle of the quietest stretch."""
    frame = round(_FRAME * sample_rate)
    levels = np.square(samples[: len(samples) // frame * frame]).reshape(-1, frame).mean(axis=1)
    width = round(_QUIET / _FRAME)
    if len(levels) <= width:
        return len(samples) / sample_rate
    energy = np.convolve(levels, np.ones(width), mode="valid")
    return (int(np.argmin(energy)) + width / 2) * _FRAME
