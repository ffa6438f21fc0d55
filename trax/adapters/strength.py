"""How much of an adapter's change is taken: as much as general speech allows."""

from collections.abc import Callable

from trax.adapters.card import Reading, StrengthPoint
from trax.adapters.judging import GateOptions, forgets

STRENGTHS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""Shares of an adapter's change that are tried, the strongest first."""


def chosen_strength(
    read: Callable[[float], Reading], gate: GateOptions
) -> tuple[float, tuple[StrengthPoint, ...]]:
    """The most of an adapter's change at which general speech is kept, as a share of it, and what
    was tried; all of it if none of the shares helps.

    Weights between those before and after fine-tuning keep most of what either can (Wortsman et
    al. 2022, WiSE-FT).

    Args:
        read: how general speech is read with a share of the change; 0 is without the adapter.
    """
    before = read(0.0)
    tried = [StrengthPoint(strength=0.0, rate=before.rate)]
    for strength in STRENGTHS:
        after = read(strength)
        tried.append(StrengthPoint(strength=strength, rate=after.rate))
        if not forgets({"base": before, "adapter": after}, gate):
            return strength, tuple(tried)
    return 1.0, tuple(tried)
