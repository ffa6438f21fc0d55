"""Let a language model correct a transcript within guards, and write about it."""

from trax.enhance.engine import Answer, Embedder, LanguageModel, Price, Question
from trax.enhance.options import BEFORE_MERGE, TASKS, EnhancementOptions

__all__ = [
    "BEFORE_MERGE",
    "TASKS",
    "Answer",
    "Embedder",
    "EnhancementOptions",
    "LanguageModel",
    "Price",
    "Question",
]
