"""Lists of words that the package carries."""

from functools import cache
from importlib.resources import files


@cache
def listed(name: str) -> tuple[str, ...]:
    """The terms of one list, in its order: one a line, lines that begin with ``#`` do not count."""
    text = files("trax.enhance").joinpath("vocabulary", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")
    )
