"""Transcripts as lines of text whose letters know their words, as shared documents hold them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trax.transcript import Segment, Transcript

WORD = "w"
"""Attribute of letters: the id of their word."""

SURE_MARK = "c"
"""Attribute of letters whose word somebody accepted as it stands."""

SPEAKER = "s"
"""Attribute of a line's break: the label of who speaks; `UNKNOWN` if nobody knows."""

PIECE = "p"
"""Attribute of a line's break: names the segment."""

UNKNOWN = ""

BREAK = "\n"
"""Begins a line."""

_BREAKS = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Run:
    """Letters with the same attributes."""

    text: str
    attributes: Mapping[str, Any]

    @property
    def word(self) -> str:
        """The id of their word; empty if they have none, or one that no database could hold."""
        found = self.attributes.get(WORD)
        return found if isinstance(found, str) and "\0" not in found else ""


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of a line that belong together.

    Attributes:
        start: where they stand in the whole text, in characters.
        word: id of their word; empty if they have none.
        is_sure: whether somebody accepted the word as it stands.
    """

    start: int
    text: str
    word: str = ""
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text.

    Attributes:
        start: where it begins in the whole text, with its break if it has one.
        speaker: label; ``None`` means unknown.
    """

    start: int
    speaker: str | None
    letters: tuple[Letters, ...]

    @property
    def end(self) -> int:
        """Where it ends in the whole text."""
        if not self.letters:
            return self.start + len(BREAK)
        return self.letters[-1].start + len(self.letters[-1].text)


def shown(text: str) -> str:
    """A word as it stands in a line: breaks within it are spaces."""
    return text if text.isprintable() else _BREAKS.sub(" ", text)  # no break can be printed


def runs_of(segments: Iterable[Segment]) -> Iterator[Run]:
    """Segments as text: a break before each, then its words with spaces between them. Those without
    words are left out.
    """
    for segment in segments:
        if not segment.words:
            continue
        speaker = UNKNOWN if segment.speaker is None else segment.speaker
        yield Run(BREAK, {SPEAKER: speaker, PIECE: segment.words[0].id})
        for at, word in enumerate(segment.words):
            if at and not word.joined:
                yield Run(" ", {})
            yield Run(shown(word.text), {WORD: word.id})


def lines_of(runs: Iterable[Run]) -> list[Line]:
    """The lines of a text. One whose break names no speaker goes on with that of the one before."""
    lines: list[Line] = []
    letters: list[Letters] = []
    start: int | None = None
    speaker: str | None = None
    at = 0
    for run in runs:
        if start is not None and run.text and BREAK not in run.text:
            _add(letters, run, at, run.text)
            at += len(run.text)
            continue
        for number, text in enumerate(run.text.split(BREAK)):
            if number:
                if start is not None:
                    lines.append(Line(start, speaker, tuple(letters)))
                start = at
                speaker = _speaker(run, speaker)
                letters = []
                at += len(BREAK)
            if text:
                start = at if start is None else start
                _add(letters, run, at, text)
                at += len(text)
    if start is not None:
        lines.append(Line(start, speaker, tuple(letters)))
    return lines


def _speaker(run: Run, before: str | None) -> str | None:
    given = run.attributes.get(SPEAKER)
    if not isinstance(given, str):
        return before
    return None if given == UNKNOWN else given


def _add(letters: list[Letters], run: Run, at: int, text: str) -> None:
    """Put letters behind others, of whose word they may be."""
    word = run.word
    is_sure = bool(word) and bool(run.attributes.get(SURE_MARK))
    last = letters[-1] if letters else None
    if last is not None and last.word == word:
        is_sure = is_sure or last.is_sure
        letters[-1] = Letters(last.start, last.text + text, last.word, is_sure)
        return
    letters.append(Letters(at, text, word, is_sure))


def parted(transcript: Transcript, most_words: int) -> list[Sequence[Segment]]:
    """The segments in parts of about *most_words* words at most; one part at least."""
    parts: list[list[Segment]] = [[]]
    count = 0
    for segment in transcript.segments:
        if count and count + len(segment.words) > most_words:
            parts.append([])
            count = 0
        parts[-1].append(segment)
        count += len(segment.words)
    return list(parts)
