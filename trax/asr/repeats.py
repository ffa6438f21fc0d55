"""Readings that repeat themselves: a decoder in a loop emits the same words again and again."""

import zlib
from collections.abc import Sequence

from trax.transcript import spelling

_COMPRESSION = 2.4  # Whisper's own limit (Radford et al. 2022, section 4.5)
_WORDS_PER_SECOND = 5.5
_FEW = 3  # words that may be spoken at any speed
_LONGEST = 12  # words of a run that may repeat
_SUSPICIOUS = {1: 4, 2: 3, 3: 3}  # times that a run of so many words must come to be suspicious
_SUSPICIOUS_LONGER = 2  # times for longer runs


def compression_ratio(text: str) -> float:
    """Bytes of *text* over its compressed bytes; 0 for no text. A high ratio means repetition."""
    data = text.encode()
    if not data:
        return 0.0
    return len(data) / len(zlib.compress(data))


def repeats_itself(text: str, duration: float) -> bool:
    """Whether a reading of *duration* seconds looks like a decoder in a loop.

    >>> text = "hold on, hold on, hold on, hold out"
    >>> repeats_itself(text, 5.0), repeats_itself("hold on, hold fast", 5.0)
    (True, False)
    """
    words = [spelling(word) for word in text.split()]
    if len(words) > _FEW and len(words) > _WORDS_PER_SECOND * duration:
        return True
    return compression_ratio(text) > _COMPRESSION or first_repeat(words) is not None


def first_repeat(spelt: Sequence[str], begin: int = 0) -> tuple[int, int, int] | None:
    """The first run of words, from *begin* on, that is repeated suspiciously often.

    Returns its start, its length and how often it comes in a row; ``None`` without such a run.
    People do say things three times, so this justifies another look and proves nothing.

    >>> first_repeat("we had five five five five men".split())
    (2, 1, 4)
    """
    for start in range(begin, len(spelt)):
        longest = min(_LONGEST, (len(spelt) - start) // 2)
        for length in range(1, longest + 1):
            times = _times(spelt, start, length)
            if times >= _SUSPICIOUS.get(length, _SUSPICIOUS_LONGER):
                return start, length, times
    return None


def _times(spelt: Sequence[str], start: int, length: int) -> int:
    """How often the run of *length* words at *start* comes in a row."""
    run = spelt[start : start + length]
    times = 1
    at = start + length
    while spelt[at : at + length] == run:
        times += 1
        at += length
    return times
