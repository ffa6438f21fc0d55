"""Words to expect: from a file, and what became of them."""

from collections.abc import Sequence
from pathlib import Path

from trax.errors import InvalidOption
from trax.merge.voting import spelling
from trax.transcript import Vocabulary

_LARGEST = 100_000  # bytes


FOLDER_VOCABULARY = "vocabulary.txt"
"""In a recording's folder: terms that are likely to be said, one a line."""


def read_terms(path: Path) -> tuple[str, ...]:
    """The terms in a text file, one a line; empty lines and those that begin with ``#`` do not
    count.

    Raises:
        InvalidOption: it cannot be read, is no text, or is larger than 100 kB.
    """
    try:
        data = path.read_bytes()[: _LARGEST + 1]
    except OSError as error:
        raise InvalidOption(f"the vocabulary {path} cannot be read: {error.strerror}") from error
    return parse_terms(data, str(path))


def parse_terms(data: bytes, name: str) -> tuple[str, ...]:
    """The terms in the bytes of such a file, which errors call *name*; raises as `read_terms`
    does.
    """
    if len(data) > _LARGEST:
        raise InvalidOption(
            f"the vocabulary {name} is larger than {_LARGEST // 1000} kB: is it the right file?"
        )
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise InvalidOption(f"the vocabulary {name} is no UTF-8 text") from error
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def folder_terms(recording: Path) -> tuple[str, ...]:
    """The terms of the recording's folder; none where it has no vocabulary."""
    path = recording.parent / FOLDER_VOCABULARY
    return read_terms(path) if path.is_file() else ()


def what_became_of(hotwords: Sequence[str], text: Sequence[str]) -> Vocabulary | None:
    """Which of *hotwords* are among the words *text*, and how often; ``None`` where none were
    given.

    >>> what_became_of(["Cintra", "Lord Byron"], "recorded by Lord Byron.".split())
    Vocabulary(heard={'Lord Byron': 1}, unheard=('Cintra',))
    """
    if not hotwords:
        return None
    said = [spelling(word) for word in text]
    counts = {term: _count([spelling(part) for part in term.split()], said) for term in hotwords}
    return Vocabulary(
        heard={term: count for term, count in counts.items() if count},
        unheard=tuple(term for term, count in counts.items() if not count),
    )


def _count(term: Sequence[str], said: Sequence[str]) -> int:
    return sum(
        list(said[at : at + len(term)]) == list(term) for at in range(len(said) - len(term) + 1)
    )
