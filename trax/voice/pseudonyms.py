"""Voices made up for people who are not to be known by theirs."""

import hashlib
from collections.abc import Sequence

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
    ranked = sorted(names, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())
    first = ranked[(2 * taken) % len(ranked)]
    second = ranked[(2 * taken + 1) % len(ranked)]
    return first if first == second else f"{first}*0.5+{second}*0.5"
