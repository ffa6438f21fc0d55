"""Carry the speakers of one text over to another: the words of the second stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trax.enhance.sounds import letters
from trax.transcript import Word


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A line and the number of the speaker who says it."""

    number: str
    text: str


def transferred_speakers(
    words: Sequence[Word],
    lines: Sequence[SpokenText],
    numbers: Mapping[str | None, str],
) -> list[str | None]:
    """For each word, the label of the speaker who says it in *lines*.

    It is ``None`` for all of them if *lines* name fewer than two speakers, or a word has none.

    Args:
        words: with their present speakers.
        lines: the same speech in other words.
        numbers: of the speakers, by label.
    """
    from diarizationlm import transcript_preserving_speaker_transfer

    source = _numbered(lines, set(numbers.values()))
    target = _Tokens()
    for word in words:
        target.add(word.text, numbers.get(word.speaker, ""))
    speakers = {*source.numbers, *target.numbers}
    if len(speakers) < 2 or "" in speakers:
        return [None] * len(words)
    # The package takes words separated by spaces, and speakers as numbers.
    transferred = transcript_preserving_speaker_transfer(
        src_text=" ".join(source.texts),
        src_spk=" ".join(source.numbers),
        tgt_text=" ".join(target.texts),
        tgt_spk=" ".join(target.numbers),
    )
    labels = {number: label for label, number in numbers.items()}
    return [labels.get(number) for number in transferred.split()]


@dataclass(slots=True)
class _Tokens:
    """Words without spaces, and the number of each one's speaker."""

    texts: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def add(self, text: str, number: str) -> None:
        """Add a word; one without letters becomes a dash."""
        self.texts.append(letters(text) or "-")
        self.numbers.append(number)


def _numbered(lines: Sequence[SpokenText], known_numbers: set[str]) -> _Tokens:
    """The words of the lines whose speaker is known."""
    tokens = _Tokens()
    for line in lines:
        number = line.number.strip()
        if number in known_numbers:
            for word in line.text.split():
                tokens.add(word, number)
    return tokens
