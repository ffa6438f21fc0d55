"""Words grouped into sentences, by punctuation and pauses."""

from collections.abc import Iterator, Sequence

from trax.transcript import Word

PAUSE = 1.0
"""Seconds of silence that end a sentence whatever the punctuation says."""

_TERMINAL = frozenset(".?!…。？！")
_CLOSING = "\"'”’»)]"


def sentences(words: Sequence[Word]) -> Iterator[range]:
    """Index ranges that cover all *words* in order, one a sentence.

    >>> words = [Word(0, 1, "Yes."), Word(1, 2, "Go"), Word(2, 3, "on!"), Word(9, 10, "well")]
    >>> [list(sentence) for sentence in sentences(words)]
    [[0], [1, 2], [3]]
    """
    first = 0
    for index, word in enumerate(words):
        last = index + 1 == len(words)
        if last or _ends_sentence(word.text) or words[index + 1].start - word.end > PAUSE:
            yield range(first, index + 1)
            first = index + 1


def _ends_sentence(text: str) -> bool:
    return text.rstrip(_CLOSING)[-1:] in _TERMINAL
