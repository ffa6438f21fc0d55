"""What kind of speech a text is: by meaning where an embedding model is at hand, else by
keywords.
"""

import re
from collections.abc import Sequence

import numpy as np

from trax.enhance.engine import Embedder
from trax.enhance.sounds import letters
from trax.enhance.wordlists import word_list
from trax.transcript import Domain

ANCHORS = {
    "technical": (
        "Engineers talk about software, servers, databases, code and deployment.",
        "A discussion of electronics, machines, circuits, sensors and how a system is built.",
        "The program crashes because of a bug in the network protocol.",
        "We measured latency and throughput after the upgrade of the hardware.",
    ),
    "medical": (
        "A doctor examines a patient and talks about symptoms, diagnosis and treatment.",
        "The dose of the medicine, the side effects, and the results of the blood test.",
        "A surgeon describes an operation on the heart; a nurse notes the blood pressure.",
        "A disease of the lungs or the kidneys, its cause, and how it is recognised.",
    ),
    "academic": (
        "A professor lectures on theory and method and cites the literature.",
        "The study tests a hypothesis; the results are statistically significant.",
        "A seminar in philosophy, history or linguistics interprets a text and its concepts.",
        "We prove the theorem by induction and discuss open problems in the field.",
    ),
    "general": (
        "Friends chat about the weekend, the family, food and the weather.",
        "A story is told: he said, she answered, and they went home.",
        "A customer talks to an agent about an order, a bill or an appointment.",
        "News, sport, politics, music and what happened in town today.",
        "Colleagues plan a meeting, a budget and who will do what.",
    ),
}
"""Passages that each domain is like."""

_PASSAGE = 60  # words that are compared at once
_PASSAGES = 40  # of a long recording, evenly
_LEAST_WORDS = 20
_LEAD = 0.02  # similarity by which a special domain must lead before general speech
_MANY_KEYWORDS = 12.0  # in a thousand words


def detected(text: str, embedder: Embedder | None) -> Domain:
    """The domain of *text*, with what speaks for it. Too short a text is general.

    By meaning: each passage of sixty words is compared with passages that are typical of each
    domain; their two nearest count, and passages vote with their mean. By keywords: a domain needs
    twelve in a thousand words.
    """
    words = text.split()
    terms = {name: _said(text, name) for name in ANCHORS if name != "general"}
    if len(words) < _LEAST_WORDS:
        return Domain(name="general", by="too little text")
    if embedder is None:
        rates = {
            name: round(1000 * sum(said.values()) / len(words), 1) for name, said in terms.items()
        }
        best = max(rates, key=lambda name: (rates[name], name))
        name = best if rates[best] >= _MANY_KEYWORDS else "general"
        return Domain(name=name, by="keywords", evidence=rates, terms=tuple(terms.get(name, {})))
    scores = _similarities(words, embedder)
    special = max(
        (name for name in scores if name != "general"), key=lambda name: (scores[name], name)
    )
    name = special if scores[special] > scores["general"] + _LEAD else "general"
    return Domain(name=name, by="meaning", evidence=scores, terms=tuple(terms.get(name, {})))


def vocabulary(domain: str) -> tuple[str, ...]:
    """Terms of a domain; general speech has none."""
    return () if domain == "general" else word_list(domain)


def _similarities(words: Sequence[str], embedder: Embedder) -> dict[str, float]:
    passages = [" ".join(words[at : at + _PASSAGE]) for at in range(0, len(words), _PASSAGE)]
    chosen = passages[:: max(1, len(passages) // _PASSAGES)]
    names = [name for name, texts in ANCHORS.items() for _ in texts]
    anchors = embedder.embed([text for texts in ANCHORS.values() for text in texts])
    near = embedder.embed(chosen) @ anchors.T
    columns = np.array(names)
    scores = {name: np.sort(near[:, columns == name], axis=1)[:, -2:].mean() for name in ANCHORS}
    return {name: round(float(score), 3) for name, score in scores.items()}


def _said(text: str, domain: str) -> dict[str, int]:
    """The domain's terms that are said, with how often, the most frequent first."""
    plain = [letters(word) for word in re.findall(r"[\w'’-]+", text)]
    single = dict.fromkeys(plain, 0)
    for word in plain:
        single[word] += 1
    running = " ".join(plain)
    counts = {}
    for term in vocabulary(domain):
        parts = [letters(part) for part in term.split()]
        count = single.get(parts[0], 0) if len(parts) == 1 else running.count(" ".join(parts))
        if count:
            counts[term] = count
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
