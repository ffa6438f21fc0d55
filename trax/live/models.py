"""Which models read captions: small enough to keep up with people."""

from typing import Literal

from trax.transcript.languages import ENGLISH

_ENGLISH = {
    "cpu": ("tiny.en",),
    "cuda": ("large-v3-turbo", "distil-small.en", "tiny.en"),
}
_OTHERS = {"cpu": ("base",), "cuda": ("large-v3-turbo", "small", "base")}


def models_for(model: str, language: str, device: Literal["cpu", "cuda"]) -> tuple[str, ...]:
    """Names of models, the one that is wanted first, then smaller ones.

    >>> models_for("base", "en", "cpu")
    ('base', 'tiny.en')
    """
    known = (_ENGLISH if language == ENGLISH else _OTHERS)[device]
    return known if model == "auto" else (model, *(name for name in known if name != model))
