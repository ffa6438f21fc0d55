"""How sure the seconds are that somebody talks: by how surely turns are theirs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trax.transcript import Turn

OWN = 3.0
"""Seconds that a speaker may have talked less, for each of theirs that is probably another's."""

OTHERS = 0.5
"""Seconds that a speaker may have talked more, for each of others that is probably not theirs."""

EDGES = 0.1
"""Share of talk by which the edges of turns and speech that nobody heard may change it."""

LEAST = 1.0
"""Seconds by which talk may differ in any case. `benchmarks.talk` says how often bounds hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SureTalk:
    """How sure some talk is.

    Attributes:
        right: seconds of it that probably are this speaker's.
        low: nine times in ten they talk longer than this,
        high: and shorter than this.
    """

    right: float
    low: float
    high: float


def doubtful(turns: Iterable[Turn]) -> dict[str | None, float] | None:
    """Seconds of each speaker's turns that are probably another's; ``None`` if nobody said."""
    found: dict[str | None, float] = defaultdict(float)
    is_known = False
    for turn in turns:
        if turn.confidence is not None:
            is_known = True
            found[turn.speaker] += turn.duration * (1 - turn.confidence)
    return found if is_known else None


def sure_talk(
    speaker: str | None, talk: float, doubts: Mapping[str | None, float], longest: float
) -> SureTalk:
    """How sure it is that *speaker* has *talk* seconds of *longest*, by everybody's *doubts*."""
    own = doubts.get(speaker, 0.0)
    others = sum(doubts.values()) - own
    edges = EDGES * talk + LEAST
    return SureTalk(
        right=max(talk - own, 0.0),
        low=max(talk - OWN * own - edges, 0.0),
        high=min(talk + OTHERS * others + edges, longest),
    )
