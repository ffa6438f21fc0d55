"""Readings that repeat themselves: a decoder that lost its way says the same again and again."""

import zlib
from collections.abc import Sequence

from trax.merge.voting import spelling

_COMPRESSION = 2.4  # Whisper's own limit (Radford et al. 2022, section 4.5)
_WORDS_PER_SECOND = 5.5
_LONGEST = 12  # words that may come again together
_TIMES = {
    1: 4,
    2: 3,
    3: 3,
}  # how often so many words in a row must come to be suspicious; longer runs: twice


def compression_ratio(text: str) -> float:
    """Bytes of *text* over its bytes when compressed; 0 where there is none. High means
    repetition.
    """
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def repeats_itself(text: str, duration: float) -> bool:
    """Whether a reading of *duration* seconds looks like a decoder in a loop, and is worth reading
    again.

    >>> text = "hold on, hold on, hold on, hold out"
    >>> repeats_itself(text, 5.0), repeats_itself("hold on, hold fast", 5.0)
    (True, False)
    """
    words = [spelling(word) for word in text.split()]
    too_fast = len(words) > 3 and len(words) > _WORDS_PER_SECOND * duration
    return too_fast or compression_ratio(text) > _COMPRESSION or first_repeat(words) is not None


def first_repeat(spelt: Sequence[str], begin: int = 0) -> tuple[int, int, int] | None:
    """The first run of words, from *begin* on, that comes again and again without anything between.

    Gives its start, its length and how often it comes; ``None`` where nothing comes suspiciously
    often. People do say things three times: this asks for another look, it proves nothing.

    >>> first_repeat("we had five five five five men".split())
    (2, 1, 4)
    """
    for start in range(begin, len(spelt)):
        for length in range(1, min(_LONGEST, (len(spelt) - start) // 2) + 1):
            times = _times(spelt, start, length)
            if times >= _TIMES.get(length, 2):
                return start, length, times
    return None


def _times(spelt: Sequence[str], start: int, length: int) -> int:
    run, times = spelt[start : start + length], 1
    while spelt[start + times * length : start + (times + 1) * length] == run:
        times += 1
    return times
