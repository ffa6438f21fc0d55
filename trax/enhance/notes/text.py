"""What all kinds of notes do with text: clean it, and look for a quote."""

from trax.enhance.sounds import letters
from trax.transcript import Transcript

MOST_TITLE = 200
"""Characters of a title or of another short text."""

MOST_TEXT = 5000
"""Characters of a summary or of a translated segment."""


def one_line(text: str, most: int) -> str:
    r"""The text in one line of at most *most* characters, without unprintable ones.

    >>> one_line("A talk\n about  rain", 8)
    'A talk…'
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    plain = " ".join(printable.split())
    if len(plain) <= most:
        return plain
    return plain[: most - 1].rstrip() + "…"


def is_said(transcript: Transcript, line: int, quote: str) -> bool:
    """Whether a quote stands in the segment of that number, counted from 1."""
    return contains_words(transcript.segments[line - 1].text, quote)


def contains_words(text: str, part: str) -> bool:
    """Whether the words of *part* stand in *text*, in order; case and punctuation do not count.

    >>> contains_words("Please, send it by Friday.", "Send it")
    True
    """
    words = _spelled(text)
    wanted = _spelled(part)
    if not wanted:
        return False
    starts = range(len(words) - len(wanted) + 1)
    return any(words[start : start + len(wanted)] == wanted for start in starts)


def _spelled(text: str) -> list[str]:
    spelled = [letters(word) for word in text.split()]
    return [word for word in spelled if word]
