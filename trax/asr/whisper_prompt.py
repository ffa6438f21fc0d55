"""What a Whisper model is told before it listens, as far as it has room for it.

Hotwords, the text before and what the model writes share 448 tokens. Hotwords and text may each
take 223, as Whisper was trained, and together what leaves `_WRITTEN` for writing.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trax.asr.engine import LeftOut

_MARKS = 4  # tokens that say where the text before begins, the language and the task
_WRITTEN = 128  # tokens: five a second in the longest window; what is left over is read after it
_BETWEEN = ", "  # hotwords


@dataclass(frozen=True, slots=True)
class Told:
    """Hotwords and prompt within the model's room.

    Attributes:
        hotwords: as many whole ones as there is room for, the first ones.
        prompt: tokens, the last ones.
        left_out: what there was no room for.
    """

    hotwords: str
    prompt: list[int]
    left_out: LeftOut


def fitted(tokenizer: Any, hotwords: str, prompt: str, length: int) -> Told:
    """As much of *hotwords* and *prompt* as a model of *length* tokens can be told at once.

    Each has half of the room, and what the other leaves.
    """
    terms = [term for term in hotwords.split(_BETWEEN) if term.strip()]
    tokens = _encoded(tokenizer, prompt)
    each, together = _room(length)
    for_terms = min(each, max(together // 2, together - len(tokens[-each:])))
    kept = _terms_within(tokenizer, terms, for_terms)
    told = _BETWEEN.join(terms[:kept])
    for_prompt = min(each, together - len(_encoded(tokenizer, told)))
    unsaid = tokens[: max(0, len(tokens) - for_prompt)]
    left_out = LeftOut(hotwords=len(terms) - kept, characters=len(tokenizer.decode(unsaid)))
    return Told(told, tokens[len(unsaid) :], left_out)


def context_room(tokenizer: Any, hotwords: str | None, length: int) -> int:
    """Tokens of the text before that a model of *length* tokens can be told after *hotwords*."""
    each, together = _room(length)
    return min(each, together - len(_encoded(tokenizer, hotwords or "")))


def _room(length: int) -> tuple[int, int]:
    """Tokens for the hotwords or for the text before, and for both together."""
    return length // 2 - 1, length - _MARKS - _WRITTEN


def _terms_within(tokenizer: Any, terms: Sequence[str], most: int) -> int:
    """How many of *terms* take at most *most* tokens."""

    def cost(count: int) -> int:
        return len(_encoded(tokenizer, _BETWEEN.join(terms[:count])))

    return bisect_right(range(len(terms) + 1), most, key=cost) - 1


def _encoded(tokenizer: Any, text: str) -> list[int]:
    text = text.strip()
    return list(tokenizer.encode(" " + text)) if text else []
