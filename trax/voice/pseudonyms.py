"""Voices made up for people who are not to be known by theirs."""

import hashlib
from collections.abc import Sequence
from itertools import combinations

from trax.errors import InvalidOption
from trax.voice.engine import StockVoice


def pseudonym(voices: Sequence[StockVoice], language: str, seed: str, taken: int = 0) -> str:
    """A mix of two stock voices of *language* that depends on *seed* alone, never on whose voice it
    stands for.

    Args:
        seed: the same for one recording; its speakers are told apart by *taken*.
        taken: how many were made up for it before.

    Raises:
        InvalidOption: there are no voices of that language.
    """
    spoken = (each for each in voices if each.language.partition("-")[0] == language)
    names = sorted(each.name for each in spoken if not each.whispers)
    if not names:
        raise InvalidOption(f"there are no voices to make up one of, in the language {language!r}")
    ranked = sorted(names, key=lambda name: _drawn(seed, name))
    if len(ranked) == 1:
        return ranked[0]
    first, second = _pairs(ranked, seed)[taken % (len(ranked) * (len(ranked) - 1) // 2)]
    return f"{first}*0.5+{second}*0.5"


def _pairs(ranked: Sequence[str], seed: str) -> list[tuple[str, str]]:
    """All pairs: first those that share no voice, then the others as they are drawn."""
    apart = list(zip(ranked[::2], ranked[1::2], strict=False))
    taken = set(apart)
    others = [pair for pair in combinations(ranked, 2) if pair not in taken]
    return apart + sorted(others, key=lambda pair: _drawn(seed, *pair))


def _drawn(seed: str, *names: str) -> bytes:
    return hashlib.sha256(" ".join((seed, *names)).encode()).digest()
