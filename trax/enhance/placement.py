"""Give new words the times of the words that they replace."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.sounds import letters
from trax.transcript import Word, joined_text


def placed(old: tuple[Word, ...], wanted: tuple[str, ...]) -> tuple[Word, ...]:
    """The wanted tokens at the times of *old*.

    As many tokens as words take their times one by one; otherwise they share the whole time in
    proportion to their letters.
    """
    if len(old) == len(wanted):
        return _retexted(old, wanted)
    if not old or not wanted:
        return ()
    edges = _shared_edges(old, wanted)
    base = replace(old[0], confidence=_lowest_confidence(old), alternatives=())
    words = []
    for index, text in enumerate(wanted):
        word = replace(
            base,
            start=edges[index],
            end=edges[index + 1],
            text=text,
            joined=base.joined and index == 0,
        )
        words.append(word)
    return tuple(words)


def placed_in_form(old: tuple[Word, ...], wanted: tuple[str, ...]) -> tuple[Word, ...]:
    """Wanted tokens with the same letters as *old*, at its times.

    A single token is cut where words are joined without a space, so that these words stay apart.
    """
    all_joined = all(word.joined for word in old[1:])
    if len(wanted) == 1 and all_joined:
        pieces = _cut_like(old, wanted[0])
        if all(pieces):
            return _retexted(old, pieces)
    return placed(old, wanted)


def _lowest_confidence(words: Sequence[Word]) -> float | None:
    known = [word.confidence for word in words if word.confidence is not None]
    return min(known, default=None)


def _retexted(words: Sequence[Word], texts: Sequence[str]) -> tuple[Word, ...]:
    pairs = zip(words, texts, strict=True)
    return tuple(replace(word, text=text) for word, text in pairs)


def _cut_like(old: Sequence[Word], text: str) -> list[str]:
    """The text in pieces that have as many letters as each word."""
    pieces = []
    rest = text
    for index in range(1, len(old)):
        letters_left = len(letters(joined_text(old[index:])))
        cut = _last_cut(rest, letters_left)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    return pieces


def _last_cut(text: str, letters_left: int) -> int:
    """The last place after which the text has that many letters; 0 if there is none."""
    for cut in range(len(text), 0, -1):
        if len(letters(text[cut:])) == letters_left:
            return cut
    return 0


def _shared_edges(old: Sequence[Word], wanted: Sequence[str]) -> list[float]:
    """Start and end times of the tokens, in seconds."""
    start = old[0].start
    end = max(word.end for word in old)
    sizes = [max(1, len(letters(text))) for text in wanted]
    total = sum(sizes)
    edges = [start]
    for count in range(1, len(sizes)):
        edge = start + (end - start) * sum(sizes[:count]) / total
        edges.append(min(max(round(edge, 3), start), end))
    edges.append(end)
    return edges
