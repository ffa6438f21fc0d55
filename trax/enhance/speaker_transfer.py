"""Carry the speakers of one text over to another: the words of the second stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trax.enhance.sounds import letters
from trax.transcript import Word


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A line and the number of the speaker who says it."""

    number: str
    text: str


def transferred_speakers(
    words: Sequence[Word], lines: Sequence[SpokenText], numbers: Mapping[str | None, str]
) -> list[str | None]:
    """For each word, the label of the speaker who says it in *lines*.

    It is ``None`` for all of them if *lines* name fewer than two speakers, or a word has none.

    Args:
        words: with their present speakers.
        lines: the same speech in other words.
        numbers: of the speakers, by label.
    """
    from diarizationlm import transcript_preserving_speaker_transfer

    # The package takes words separated by spaces, and speakers as numbers.
    source = _numbered_tokens(lines, set(numbers.values()))
    present = [numbers.get(word.speaker, "") for word in words]
    speakers = {number for _token, number in source} | set(present)
    if len(speakers) < 2 or "" in speakers:
        return [None] * len(words)
    transferred = transcript_preserving_speaker_transfer(
        src_text=" ".join(token for token, _number in source),
        src_spk=" ".join(number for _token, number in source),
        tgt_text=" ".join(_token(word.text) for word in words),
        tgt_spk=" ".join(present),
    )
    labels = {number: label for label, number in numbers.items()}
    return [labels.get(number) for number in transferred.split()]


def _numbered_tokens(lines: Sequence[SpokenText], known_numbers: set[str]) -> list[tuple[str, str]]:
    tokens = []
    for line in lines:
        number = line.number.strip()
        if number in known_numbers:
            tokens += [(_token(word), number) for word in line.text.split()]
    return tokens


def _token(text: str) -> str:
    """A word without spaces; a dash if it has no letters."""
    return letters(text) or "-"
