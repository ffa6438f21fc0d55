"""What enhancement needs from a language model and from an embedding model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trax.transcript import Usage

_TOKENS_A_CHARACTER = 0.3
_TOKENS_A_WIDE_CHARACTER = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call of a language model.

    Attributes:
        task: the kind of work.
        system: the instructions; the same for all questions of a kind, so that servers can cache
            them.
        user: the text to work on.
        schema: JSON Schema of the answer.
        most_tokens: the most tokens that the answer may have.
    """

    task: str
    system: str
    user: str
    schema: dict[str, Any]
    most_tokens: int = 4000

    @property
    def tokens(self) -> int:
        """An estimate of the tokens to send."""
        return estimated_tokens(self.system) + estimated_tokens(self.user)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a language model answered.

    Attributes:
        text: as it was written.
        usage: tokens of the call.
        problem: why the answer cannot be used, though it was paid for; empty if it can.
    """

    text: str
    usage: Usage
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens.

    Attributes:
        prompt: sent.
        cached: sent, but found in the server's cache.
        completion: received.
    """

    prompt: float = 0.0
    cached: float = 0.0
    completion: float = 0.0

    def of(self, usage: Usage) -> float:
        """The cost of a call in US dollars.

        >>> usage = Usage(prompt_tokens=1000, cached_tokens=500, completion_tokens=100)
        >>> round(Price(0.3, 0.006, 1.2).of(usage), 6)
        0.000273
        """
        fresh = usage.prompt_tokens - usage.cached_tokens
        millionths = (
            fresh * self.prompt
            + usage.cached_tokens * self.cached
            + usage.completion_tokens * self.completion
        )
        return millionths / 1e6


class LanguageModel(Protocol):
    """Answers questions.

    Attributes:
        fingerprint: identifies model and server.
        price: of its tokens.
        concurrency: the most questions that may be under way at once.
        context_tokens: the most tokens of one question.
    """

    @property
    def fingerprint(self) -> str: ...
    @property
    def price(self) -> Price: ...
    @property
    def concurrency(self) -> int: ...
    @property
    def context_tokens(self) -> int: ...

    def ask(self, question: Question) -> Answer:
        """Answer a question. May be called from several threads at once.

        Raises:
            NoAnswer: the model did not answer.
        """


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how similar the texts are."""

    @property
    def fingerprint(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape ``(texts, dimensions)``."""


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: 0.3 a character, 0.6 if Chinese (DeepSeek's API guide).

    >>> estimated_tokens("twenty characters ..")
    6
    """
    wide = sum(char >= "\u2e80" for char in text)
    return round(wide * _TOKENS_A_WIDE_CHARACTER + (len(text) - wide) * _TOKENS_A_CHARACTER)
