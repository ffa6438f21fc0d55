"""The word lists in the package."""

from functools import cache
from importlib.resources import files


@cache
def word_list(name: str) -> tuple[str, ...]:
    """The terms of one list in its order: one a line; lines that begin with ``#`` are comments."""
    path = files("trax.enhance").joinpath("vocabulary", f"{name}.txt")
    terms = []
    for line in path.read_text(encoding="utf-8").splitlines():
        term = line.strip()
        if term and not line.startswith("#"):
            terms.append(term)
    return tuple(terms)
