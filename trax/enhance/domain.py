"""Detect what kind of speech a text is: by meaning with an embedding model, else by keywords."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

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
"""Typical passages of each domain."""

_PASSAGE = 60  # words that are compared at once
_MOST_PASSAGES = 40  # of a long recording, evenly spaced
_LEAST_WORDS = 20
_LEAD = 0.02  # similarity by which a special domain must exceed general speech
_MANY_KEYWORDS = 12.0  # in a thousand words
_NEAREST = 2  # typical passages that count for each passage
_GENERAL = "general"
_SPECIAL = tuple(name for name in ANCHORS if name != _GENERAL)


def detect_domain(text: str, embedder: Embedder | None) -> Domain:
    """The domain of *text*, with the evidence for it. A short text is general.

    By meaning: every passage of sixty words is compared with typical passages of each domain; the
    two nearest count, and a domain's score is the mean over all passages. By keywords: a domain
    needs twelve in a thousand words.
    """
    words = text.split()
    if len(words) < _LEAST_WORDS:
        return Domain(name=_GENERAL, by="too little text")
    keywords = {domain: _keywords_said(text, domain) for domain in _SPECIAL}
    if embedder is None:
        evidence = _keyword_rates(keywords, len(words))
        name = _strongest(evidence, _MANY_KEYWORDS)
        method = "keywords"
    else:
        evidence = similarities(words, embedder)
        name = _nearest(evidence)
        method = "meaning"
    terms = tuple(keywords.get(name, {}))
    return Domain(name=name, by=method, evidence=evidence, terms=terms)


def domain_terms(domain: str) -> tuple[str, ...]:
    """The vocabulary of a domain; general speech has none."""
    return () if domain == _GENERAL else word_list(domain)


def _keyword_rates(keywords: dict[str, dict[str, int]], words: int) -> dict[str, float]:
    """Keywords of each domain in a thousand words."""
    rates = {}
    for domain, counts in keywords.items():
        rates[domain] = round(1000 * sum(counts.values()) / words, 1)
    return rates


def _strongest(rates: dict[str, float], least: float) -> str:
    """The domain of the highest rate; general speech if that is below *least*."""
    best = max(rates, key=lambda name: (rates[name], name))
    return best if rates[best] >= least else _GENERAL


def _nearest(similarities: dict[str, float]) -> str:
    """The most similar special domain; general speech unless that one is ahead of it."""
    best = max(_SPECIAL, key=lambda name: (similarities[name], name))
    ahead = similarities[best] > similarities[_GENERAL] + _LEAD
    return best if ahead else _GENERAL


def similarities(
    words: Sequence[str], embedder: Embedder, typical: Mapping[str, Sequence[str]] = ANCHORS
) -> dict[str, float]:
    """Mean similarity of a text's passages to each domain's *typical* ones, in [-1, 1]."""
    domains: list[str] = []
    anchors: list[str] = []
    for domain, texts in typical.items():
        domains += [domain] * len(texts)
        anchors += texts
    anchor_vectors = embedder.embed(anchors)
    similarity = embedder.embed(_passages(words)) @ anchor_vectors.T
    columns = np.array(domains)
    return {domain: _score(similarity[:, columns == domain]) for domain in typical}


def _passages(words: Sequence[str]) -> list[str]:
    starts = range(0, len(words), _PASSAGE)
    step = max(1, len(starts) // _MOST_PASSAGES)
    return [" ".join(words[start : start + _PASSAGE]) for start in starts[::step]]


def _score(similarity: NDArray[np.float32]) -> float:
    """The mean of each passage's nearest anchors; *similarity* has shape (passages, anchors)."""
    nearest = np.sort(similarity, axis=1)[:, -_NEAREST:]
    return round(float(nearest.mean()), 3)


def _keywords_said(text: str, domain: str) -> dict[str, int]:
    """How often each of the domain's terms is said, the most frequent first."""
    spoken = [letters(word) for word in re.findall(r"[\w'’-]+", text)]
    single = Counter(spoken)
    running = " ".join(spoken)
    counts = {}
    for term in domain_terms(domain):
        parts = [letters(part) for part in term.split()]
        plain = " ".join(parts)
        count = single[plain] if len(parts) == 1 else running.count(plain)
        if count:
            counts[term] = count
    by_count = sorted(counts, key=lambda term: (-counts[term], term))
    return {term: counts[term] for term in by_count}
