"""Chooses an adapter by what was said: speech like its passages is of its domain."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from trax.adapters.card import AdapterCard
from trax.asr.adapting import AdapterChoice
from trax.asr.engine import Decoder
from trax.enhance import Embedder
from trax.enhance.domain import ANCHORS, similarities
from trax.transcript import AdapterUse

VERSION = 1
LEAD = 0.10
"""Similarity by which a domain must exceed all other speech."""

LEAST = 0.45
"""Similarity that speech of a domain has with its passages, at least."""

_LEAST_WORDS = 12

Decoders = Callable[[AdapterCard], Mapping[str, Decoder]]


class DomainChooser:
    """Chooses among adapters by meaning.

    Args:
        cards: the adapters, those of one name for one domain.
        embedder: compares texts.
        decoders: gives the models with an adapter, by the fingerprint of the model without it.
    """

    def __init__(
        self, cards: Sequence[AdapterCard], embedder: Embedder, decoders: Decoders
    ) -> None:
        self._cards = cards
        self._embedder = embedder
        self._decoders = decoders

    @property
    def fingerprint(self) -> str:
        """Names the adapters, the embedding model and the rule."""
        parts = [card.identity + card.base for card in self._cards]
        passages = [passage for card in self._cards for passage in card.passages]
        made_of = "\n".join([*sorted(parts), *passages, self._embedder.fingerprint])
        return f"adapters-{VERSION}.{hashlib.sha256(made_of.encode()).hexdigest()[:8]}"

    def choose(self, text: str) -> AdapterChoice:
        """The adapter whose domain is ahead of all other speech; none if that is not clear."""
        words = text.split()
        if len(words) < _LEAST_WORDS:
            return AdapterChoice(use=AdapterUse(name="", by="too little text"))
        own = {card.name: card.passages for card in self._cards}
        evidence = similarities(words, self._embedder, {**ANCHORS, **own})
        name = clear_domain(evidence, tuple(own))
        chosen = [card for card in self._cards if card.name == name]
        if not chosen:
            return AdapterChoice(use=AdapterUse(name="", by="meaning", evidence=evidence))
        decoders: dict[str, Decoder] = {}
        for card in chosen:
            decoders |= self._decoders(card)
        return AdapterChoice(use=use_of(chosen, "meaning", evidence), decoders=decoders)


def clear_domain(evidence: Mapping[str, float], own: Sequence[str]) -> str:
    """The one of *own* domains that is near enough, and clearly ahead of all others; else empty.

    >>> clear_domain({"general": 0.2, "coffee": 0.6}, ["coffee"])
    'coffee'
    """
    best = max(own, key=lambda name: (evidence[name], name))
    rest = max((value for name, value in evidence.items() if name != best), default=-1.0)
    return best if evidence[best] >= max(LEAST, rest + LEAD) else ""


def typical_passages(texts: Sequence[str], embedder: Embedder | None, most: int = 12) -> list[str]:
    """Texts that stand for all of *texts*: each next one is the least like those before it.

    Without an embedding model they are taken evenly.
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) <= most:
        return distinct
    if embedder is None:
        return distinct[:: -(-len(distinct) // most)]
    vectors = embedder.embed(distinct)
    chosen = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    nearest = vectors @ vectors[chosen[0]]
    while len(chosen) < most:
        chosen.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return [distinct[at] for at in chosen]


def use_of(cards: Sequence[AdapterCard], by: str, evidence: Mapping[str, float]) -> AdapterUse:
    """The use of adapters of one name."""
    return AdapterUse(
        name=cards[0].name,
        version=max(card.version for card in cards),
        fingerprint="+".join(sorted({card.fingerprint for card in cards})),
        licence=cards[0].licence,
        by=by,
        evidence=dict(evidence),
    )
