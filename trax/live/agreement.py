"""Which words of a growing reading are certain.

A window of sound is read again and again while it grows. Words that two readings in a row agree on
are committed and never change; those after them are tentative (LocalAgreement-2: Liu et al. 2020,
Macháček et al. 2023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from trax.transcript import Word, spelling

_SECOND = 2.0  # differing words that a second between two places counts as


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reading adds.

    Attributes:
        committed: words that are certain now, and were not before.
        tentative: words after them that may still change.
    """

    committed: tuple[Word, ...] = ()
    tentative: tuple[Word, ...] = ()


def agreed(former: Sequence[Word], current: Sequence[Word]) -> int:
    """How many words two readings agree on from their beginning; case and punctuation do not count.

    >>> agreed([Word(0, 1, "Good"), Word(1, 2, "mourning")], [Word(0, 1, "good,")])
    1
    """
    pairs = zip(former, current, strict=False)
    same = takewhile(lambda pair: spelling(pair[0].text) == spelling(pair[1].text), pairs)
    return len(list(same))


def already_committed(committed: Sequence[Word], reading: Sequence[Word]) -> int:
    """How many words of *reading*, from its beginning, are those that were committed before.

    Of all beginnings the one that differs from *committed* in the fewest words, and ends when they
    end; the shortest of equal ones.

    Args:
        committed: words of the same stretch of sound, in order.
    """
    if not committed:
        return 0
    distances = _distances([spelling(word.text) for word in committed], reading)
    ends = [reading[0].start if reading else 0.0, *(word.end for word in reading)]
    until = committed[-1].end
    costs = [
        distance + _SECOND * abs(end - until) for distance, end in zip(distances, ends, strict=True)
    ]
    return costs.index(min(costs))


def _distances(texts: Sequence[str], reading: Sequence[Word]) -> list[int]:
    """In how many words *texts* differ from the first 0, 1, 2… words of *reading*."""
    read = [spelling(word.text) for word in reading]
    row = list(range(len(read) + 1))
    for at, text in enumerate(texts, 1):
        former = row
        row = [at]
        for column, other in enumerate(read, 1):
            changed = former[column - 1] + (text != other)
            row.append(min(changed, former[column] + 1, row[-1] + 1))
    return row
