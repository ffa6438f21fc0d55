"""Cuts a recording's text into examples: by its times, or by the words that a model hears."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from trax.adapters.examples import LONGEST
from trax.scoring.documents import Utterance
from trax.transcript import Word, spelling

_COMFORTABLE = 20.0  # seconds after which the next good place is taken
_LEAST = 0.3  # seconds
_MARGIN = 0.15  # seconds kept around words


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a recording with its text."""

    start: float
    end: float
    text: str
    speaker: str = ""


def timed_pieces(
    utterances: Sequence[Utterance], duration: float
) -> tuple[list[Piece], list[Piece]]:
    """Utterances with times as pieces: those that fit, and those that are too long, too short or
    beyond the recording's *duration*.
    """
    fitting: list[Piece] = []
    others: list[Piece] = []
    for each in utterances:
        piece = Piece(each.start or 0.0, each.end or 0.0, each.text.strip(), each.speaker)
        is_right = min(piece.end, duration) - piece.start >= _LEAST
        is_right = is_right and piece.start >= 0 and piece.end - piece.start <= LONGEST
        (fitting if is_right else others).append(piece)
    return fitting, others


def pieces_by_words(text: str, words: Sequence[Word], duration: float) -> list[Piece]:
    """Pieces of *text*, cut where a word of it was heard right before a pause or a sentence ends.

    Text at which no such place comes within 28 seconds is left out.

    Args:
        words: that a model heard, with their times.
        duration: of the recording in seconds.
    """
    said = text.split()
    places = _anchors(said, words)
    pieces = []
    first, start = 0, 0.0
    for at, end in [*places, (len(said) - 1, duration)]:
        is_last = at == len(said) - 1
        if at < first or (end - start < _COMFORTABLE and not is_last):
            continue
        if _LEAST <= end - start <= LONGEST:
            pieces.append(Piece(start, end, " ".join(said[first : at + 1])))
        first, start = at + 1, end
    return pieces


def _anchors(said: Sequence[str], words: Sequence[Word]) -> list[tuple[int, float]]:
    """Places where the text may be cut: after which word of it, and when.

    Both that word and the next were heard as they are written; the cut lies in the middle of the
    pause between them.
    """
    matched = dict(_matches(said, words))
    found = []
    for at, heard in matched.items():
        if matched.get(at + 1) != heard + 1:
            continue
        before, after = words[heard], words[heard + 1]
        if after.start - before.end >= 2 * _MARGIN or said[at][-1] in ".?!":
            found.append((at, (before.end + after.start) / 2))
    return found


def _matches(said: Sequence[str], words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Words of the text with the words that they were heard as."""
    ours = [spelling(word) for word in said]
    theirs = [spelling(word.text) for word in words]
    for edit in Levenshtein.opcodes(ours, theirs):
        if edit.tag == "equal":
            yield from zip(
                range(edit.src_start, edit.src_end),
                range(edit.dest_start, edit.dest_end),
                strict=True,
            )
