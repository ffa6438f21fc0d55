"""How much of an adapter's change is taken: as much as general speech allows."""

from collections import Counter
from collections.abc import Callable, Sequence

from trax.adapters.card import Reading, StrengthPoint
from trax.adapters.gate import GateOptions, Strength, forgets, ruins
from trax.adapters.hearing import HeardExample, reading

STRENGTHS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""Shares of an adapter's change that are tried, the strongest first."""

Read = Callable[[float], Sequence[HeardExample]]
"""Gives how general speech is read with a share of the change; 0 is without the adapter."""


def chosen_strength(read: Read, gate: GateOptions) -> Strength:
    """The most of an adapter's change at which general speech is kept, and what that costs; all of
    it if none of the shares helps, or if all of it ruins general speech.

    Weights between those before and after fine-tuning keep most of what either can (Wortsman et
    al. 2022, WiSE-FT). A share that some speech chose says little about that speech: what it costs
    is read from each half of the speakers at the share that the other half alone would choose.
    """
    kept: dict[float, Sequence[HeardExample]] = {0.0: read(0.0)}

    def read_once(share: float) -> Sequence[HeardExample]:
        if share not in kept:
            kept[share] = read(share)
        return kept[share]

    before, full = reading(read_once(0.0)), reading(read_once(1.0))
    share = 1.0
    after = full
    if not ruins(before.rate, full.rate, gate):
        share = _strongest(read_once, range(len(kept[0.0])), gate)
    if share < 1.0:
        after = _unseen(read_once, gate)
    return Strength(share, _tried(kept), {"base": before, "adapter": after})


def _unseen(read: Read, gate: GateOptions) -> Reading:
    """How each half is read at the share that the other would choose."""
    one, other = halves(read(0.0))
    return reading(
        [
            *_some(read(_strongest(read, other, gate)), one),
            *_some(read(_strongest(read, one, gate)), other),
        ]
    )


def halves(all_heard: Sequence[HeardExample]) -> tuple[list[int], list[int]]:
    """The places of what some people say and of what the others say, about as many words each; if
    one person says everything, of every other example.
    """
    words: Counter[str] = Counter()
    for each in all_heard:
        words[_speaker(each)] += each.length
    if len(words) < 2:
        places = range(len(all_heard))
        return list(places[::2]), list(places[1::2])
    sides: tuple[set[str], set[str]] = (set(), set())
    for speaker, _count in words.most_common():
        lighter = min(sides, key=lambda side: sum(words[each] for each in side))
        lighter.add(speaker)
    one = [at for at, each in enumerate(all_heard) if _speaker(each) in sides[0]]
    other = [at for at, each in enumerate(all_heard) if _speaker(each) in sides[1]]
    return one, other


def _strongest(read: Read, places: Sequence[int], gate: GateOptions) -> float:
    """The most of the change at which what is at *places* is kept; 1 if there is none."""
    before = reading(_some(read(0.0), places))
    for share in STRENGTHS:
        if not forgets(before, reading(_some(read(share), places)), gate):
            return share
    return 1.0


def _some(all_heard: Sequence[HeardExample], places: Sequence[int]) -> list[HeardExample]:
    return [all_heard[at] for at in places]


def _speaker(each: HeardExample) -> str:
    return each.example.speaker or each.example.source


def _tried(kept: dict[float, Sequence[HeardExample]]) -> tuple[StrengthPoint, ...]:
    """The shares that were tried, without the adapter first, then from the strongest on."""
    shares = [0.0, *(share for share in STRENGTHS if share in kept)]
    rates: list[Reading] = [reading(kept[share]) for share in shares]
    return tuple(
        StrengthPoint(strength=share, rate=each.rate)
        for share, each in zip(shares, rates, strict=True)
    )
