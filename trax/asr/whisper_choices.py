"""What a Whisper model has for doubtful words besides the text that it chose.

The hypotheses that its beam kept cost nothing. They seldom differ where it matters, so a window
with many doubtful words is read again greedily, which also gives the likeliest tokens in the place
of every word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from trax.merge import consensus
from trax.transcript import Word, joined_text, spelling

SURE = 0.9
"""Probability of a word from which on nothing else is looked for."""

ROWS = 4
"""Windows read again at once: each token brings the probability of every other, 0.2 MB."""

_DOUBT = 0.15  # mean improbability of a window's words above which it is read again
_LEAST = 0.03  # probability of a token that begins another text
_MOST_TOKENS = 8  # looked at for each word
_UNSAID = 0.1  # probability given to a text that has no word in a place


class OtherText(Protocol):
    """A text for a window that the model did not choose."""

    @property
    def texts(self) -> Sequence[str]:
        """Its words."""

    def sure(self, at: int) -> float:
        """How probable the word at this place is."""

    def beginnings(self, at: int) -> Iterator[tuple[str, float]]:
        """Words that may stand at this place besides, with their probabilities."""


@dataclass(frozen=True, slots=True)
class BeamText:
    """A hypothesis that a beam kept.

    Attributes:
        weight: its share of the probability of all that were kept.
    """

    texts: Sequence[str]
    weight: float

    def sure(self, _at: int) -> float:
        """The same for all words."""
        return self.weight

    def beginnings(self, _at: int) -> Iterator[tuple[str, float]]:
        """None: a beam does not say."""
        return iter(())


@dataclass(frozen=True, slots=True)
class GreedyText:
    """A greedy reading.

    Attributes:
        tokens: each word's first token.
        logits: of all tokens where each word begins.
    """

    tokenizer: Any
    texts: Sequence[str]
    tokens: Sequence[int]
    logits: Sequence[Any]

    def sure(self, at: int) -> float:
        """The probability of the word's first token."""
        return float(self._shares(at)[self.tokens[at]])

    def beginnings(self, at: int) -> Iterator[tuple[str, float]]:
        """The likeliest tokens that can be a whole word."""
        shares = self._shares(at)
        few = min(_MOST_TOKENS, len(shares) - 1)
        for token in np.argpartition(-shares, few)[:few].tolist():
            text: str = self.tokenizer.decode([token])
            is_word = text.startswith(" ") and text.strip().replace("'", "").isalpha()
            if is_word and shares[token] >= _LEAST:
                yield text.strip(), float(shares[token])

    def _shares(self, at: int) -> NDArray[np.float64]:
        """The probability of every text token."""
        values = np.array(self.logits[at]).reshape(-1)[: self.tokenizer.eot].astype(np.float64)
        shares: NDArray[np.float64] = np.exp(values - values.max())
        shares /= shares.sum()
        return shares


def is_doubtful(words: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a window's words, as the alignment has them, are worth another reading."""
    spoken = [word["probability"] for word in words if word["word"].strip()]
    return bool(spoken) and 1 - float(np.mean(spoken)) > _DOUBT


def beam_texts(tokenizer: Any, result: Any) -> Iterator[BeamText]:
    """The hypotheses that a beam kept besides the best."""
    lengths = [len(ids) for ids in result.sequences_ids]
    scores = [score * length for score, length in zip(result.scores, lengths, strict=True)]
    weights = [exp(score - max(scores)) for score in scores]
    for ids, weight in zip(result.sequences_ids[1:], weights[1:], strict=True):
        text = tokenizer.decode([token for token in ids if token < tokenizer.eot])
        yield BeamText(text.split(), weight / sum(weights))


def greedy_text(tokenizer: Any, result: Any) -> GreedyText:
    """A greedy reading, decoded with the logits of every token."""
    ids = result.sequences_ids[0]
    places = [at for at, token in enumerate(ids) if token < tokenizer.eot]
    texts, tokens = tokenizer.split_to_word_tokens([ids[at] for at in places])
    firsts = np.cumsum([0, *(len(own) for own in tokens)])[:-1].tolist()
    kept = [at for at, text in enumerate(texts) if spelling(text)]
    return GreedyText(
        tokenizer,
        [texts[at].strip() for at in kept],
        [tokens[at][0] for at in kept],
        [result.logits[0][places[firsts[at]]] for at in kept],
    )


def add_choices(words: Sequence[dict[str, Any]], others: Sequence[OtherText]) -> None:
    """Add ``choices`` to every doubtful word of a window, from other texts for it."""
    spoken = [word for word in words if word["word"].strip()]
    chosen = [Word(0.0, 0.0, word["word"].strip(), 1.0) for word in spoken]
    doubtful = {at for at, word in enumerate(spoken) if word["probability"] < SURE}
    found: dict[int, dict[str, float]] = {at: {} for at in doubtful}
    for other in others if doubtful else ():
        for at, text, sure in (*_rivals(chosen, other), *_beginnings(chosen, other, doubtful)):
            if at in found:
                found[at][text] = max(sure, found[at].get(text, 0.0))
    for at, choices in found.items():
        spoken[at]["choices"] = [(text, round(sure, 4)) for text, sure in choices.items()]


def _rivals(chosen: Sequence[Word], other: OtherText) -> Iterator[tuple[int, str, float]]:
    """What another text has in the place of each word, and how probable that is."""
    doubted = [Word(0.0, 0.0, text, 0.0) for text in other.texts]
    ours = {id(word): at for at, word in enumerate(chosen)}
    theirs = {id(word): at for at, word in enumerate(doubted)}
    for vote in consensus(doubted, chosen):
        at = ours.get(id(vote.word))
        if at is None or (vote.agreed and not vote.unheard):
            continue
        rivals = vote.unheard or vote.instead
        words = [vote.word, *rivals] if vote.unheard else rivals
        sure = [other.sure(theirs[id(word)]) for word in rivals]
        yield at, joined_text(words), min(sure, default=_UNSAID)


def _beginnings(
    chosen: Sequence[Word], other: OtherText, doubtful: set[int]
) -> Iterator[tuple[int, str, float]]:
    """What may begin in the place of each doubtful word, where another text has the same words or
    as many others.
    """
    theirs = [spelling(text) for text in other.texts]
    for edit in Levenshtein.opcodes([spelling(word.text) for word in chosen], theirs):
        length = edit.src_end - edit.src_start
        if edit.dest_end - edit.dest_start != length:
            continue
        for step in range(length):
            if edit.src_start + step in doubtful:
                for text, sure in other.beginnings(edit.dest_start + step):
                    yield edit.src_start + step, text, sure
