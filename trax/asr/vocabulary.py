"""Vocabularies: terms to expect, read from a file, and how often each was recognised."""

from collections.abc import Sequence
from pathlib import Path

from trax.errors import InvalidOption
from trax.transcript import Vocabulary, spelling

_LARGEST = 100_000  # bytes


FOLDER_VOCABULARY = "vocabulary.txt"
"""Name of a file beside a recording with terms that are likely to be said, one a line."""


def read_terms(path: Path) -> tuple[str, ...]:
    """Read terms from a text file, one a line; skip empty lines and lines that begin with ``#``.

    Raises:
        InvalidOption: the file cannot be read, is not text, or is larger than 100 kB.
    """
    try:
        data = path.read_bytes()[: _LARGEST + 1]
    except OSError as error:
        raise InvalidOption(f"the vocabulary {path} cannot be read: {error.strerror}") from error
    return parse_terms(data, str(path))


def parse_terms(data: bytes, name: str) -> tuple[str, ...]:
    """Parse the bytes of a vocabulary file, called *name* in errors, as `read_terms` does."""
    if len(data) > _LARGEST:
        raise InvalidOption(
            f"the vocabulary {name} is larger than {_LARGEST // 1000} kB: is it the right file?"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidOption(f"the vocabulary {name} is not UTF-8 text") from error
    lines = [line.strip() for line in text.splitlines()]
    terms = dict.fromkeys(line for line in lines if _is_term(line))
    return tuple(terms)


def add_terms(path: Path, terms: Sequence[str]) -> tuple[str, ...]:
    """Add those of *terms* to a vocabulary file that it lacks; gives what was added.

    Raises:
        InvalidOption: the file cannot be read or written.
    """
    known = {spelling(term) for term in (read_terms(path) if path.is_file() else ())}
    added = tuple(term for term in terms if spelling(term) not in known)
    if not added:
        return ()
    try:
        before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        gap = "\n" if before and not before.endswith("\n") else ""
        text = before + gap + "".join(f"{term}\n" for term in added)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidOption(f"the vocabulary {path} cannot be written: {error.strerror}") from error
    return added


def folder_terms(recording: Path) -> tuple[str, ...]:
    """The terms in the vocabulary file of the recording's folder; none without such a file."""
    path = recording.parent / FOLDER_VOCABULARY
    return read_terms(path) if path.is_file() else ()


def vocabulary_report(hotwords: Sequence[str], text: Sequence[str]) -> Vocabulary | None:
    """How often each of *hotwords* is among the words *text*; ``None`` without hotwords.

    >>> vocabulary_report(["Cintra", "Lord Byron"], "recorded by Lord Byron.".split())
    Vocabulary(heard={'Lord Byron': 1}, unheard=('Cintra',))
    """
    if not hotwords:
        return None
    words = [spelling(word) for word in text]
    counts = {}
    missing = []
    for term in dict.fromkeys(hotwords):
        count = _count([spelling(part) for part in term.split()], words)
        if count:
            counts[term] = count
        else:
            missing.append(term)
    return Vocabulary(heard=counts, unheard=tuple(missing))


def _is_term(line: str) -> bool:
    return line != "" and not line.startswith("#")


def _count(term: list[str], words: list[str]) -> int:
    """How often the words of *term* come together in *words*."""
    starts = range(len(words) - len(term) + 1)
    return sum(words[at : at + len(term)] == term for at in starts)
