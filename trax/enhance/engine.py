"""What enhancement wants of a language model and of an embedding model."""

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
    """One call.

    Attributes:
        system: what is to be done: the same for all questions of a kind, so that servers can keep
            it.
        user: what it is to be done to.
        schema: JSON Schema of the answer.
        most_tokens: that an answer may have.
    """

    task: str
    system: str
    user: str
    schema: dict[str, Any]
    most_tokens: int = 4000

    @property
    def tokens(self) -> int:
        """An estimate of the tokens to be sent."""
        return estimated_tokens(self.system) + estimated_tokens(self.user)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        problem: why it cannot be used, though it was paid for; empty where it can.
    """

    text: str
    usage: Usage
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens: sent, sent and in the server's cache, received."""

    prompt: float = 0.0
    cached: float = 0.0
    completion: float = 0.0

    def of(self, usage: Usage) -> float:
        """What a call costs.

        >>> usage = Usage(prompt_tokens=1000, cached_tokens=500, completion_tokens=100)
        >>> round(Price(0.3, 0.006, 1.2).of(usage), 6)
        0.000273
        """
        fresh = usage.prompt_tokens - usage.cached_tokens
        parts = (
            fresh * self.prompt
            + usage.cached_tokens * self.cached
            + usage.completion_tokens * self.completion
        )
        return parts / 1e6


class LanguageModel(Protocol):
    """Answers questions.

    Attributes:
        fingerprint: names model and server.
        price: of its tokens.
        concurrency: how many questions it may be asked at once.
        context_tokens: how much text it takes in one question.
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
        """The answer. May be called from several threads at once.

        Raises:
            NoAnswer: there is none.
        """


class Embedder(Protocol):
    """Turns texts into vectors that compare by their product."""

    @property
    def fingerprint(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape ``(texts, dimensions)``."""


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: 0.3 a character, 0.6 a Chinese one (DeepSeek's API guide).

    >>> estimated_tokens("twenty characters ..")
    6
    """
    wide = sum(char >= "\u2e80" for char in text)
    return round(wide * _TOKENS_A_WIDE_CHARACTER + (len(text) - wide) * _TOKENS_A_CHARACTER)
