"""A transcript cut into subtitle cues that can be read.

The limits follow the Netflix timed text style guide for English and the BBC subtitle guidelines:
two lines of at most 42 characters, at least 5/6 s and at most 7 s on screen, at least two frames
between cues, about 20 characters a second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from trax.transcript import Segment, Word, joined_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CueRules:
    """What makes a cue readable.

    Attributes:
        line_characters: the most in a line. A single longer word stays whole.
        lines: the most lines.
        characters_per_second: reading speed; a cue stays on screen long enough where the next
            leaves room.
        shortest: seconds a cue should last, where the next leaves room.
        longest: seconds a cue may last.
        gap: seconds between cues.
        pause: seconds of silence inside a segment that end a cue.
    """

    line_characters: int = 42
    lines: int = 2
    characters_per_second: float = 20.0
    shortest: float = 5 / 6
    longest: float = 7.0
    gap: float = 0.083
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle.

    Attributes:
        start: seconds.
        end: seconds.
        speaker: label; ``None`` means unknown.
        lines: of text.
    """

    start: float
    end: float
    speaker: str | None
    lines: tuple[str, ...]


def cues(segments: Sequence[Segment], rules: CueRules | None = None) -> list[Cue]:
    """The segments as cues in order of time, every word in exactly one.

    A cue is lengthened only into free time. Where people talk at once, their cues overlap as their
    words do.
    """
    rules = rules or CueRules()
    cut = [
        _cue(words, rules)
        for segment in segments
        for words in _pieces([word for word in segment.words if word.text], rules)
    ]
    cut.sort(key=lambda cue: cue.start)
    return [_timed(cue, following, rules) for cue, following in zip_longest(cut, cut[1:])]


def wrap(words: Sequence[Word], rules: CueRules) -> tuple[str, ...]:
    """The words in as few lines as they need, of about equal length, the upper one not longer where
    that can be.
    """
    text = joined_text(words)
    if len(text) <= rules.line_characters or len(words) < 2:
        return (text,)
    splits = [
        (joined_text(words[:at]), joined_text(words[at:]))
        for at in range(1, len(words))
        if not words[at].joined
    ]
    if not splits:
        return (text,)
    return min(splits, key=lambda pair: (max(map(len, pair)), len(pair[0]) > len(pair[1])))


def _pieces(words: Sequence[Word], rules: CueRules) -> Iterator[list[Word]]:
    """The words cut where a cue would be too long, and at pauses."""
    piece: list[Word] = []
    for word in words:
        if piece and (word.start - piece[-1].end > rules.pause or not _fits([*piece, word], rules)):
            kept = (
                _best_break(piece, rules)
                if not word.start - piece[-1].end > rules.pause
                else len(piece)
            )
            yield piece[:kept]
            piece = piece[kept:]
        piece = [*piece, word]
    if piece:
        yield piece


def _fits(words: Sequence[Word], rules: CueRules) -> bool:
    lines = wrap(words, rules)
    within = len(lines) <= rules.lines and all(len(line) <= rules.line_characters for line in lines)
    return within and max(word.end for word in words) - words[0].start <= rules.longest


def _best_break(words: Sequence[Word], rules: CueRules) -> int:
    """How many words to keep: up to the last punctuation in the second half, else all."""
    for at in range(len(words), len(words) // 2, -1):
        if words[at - 1].text[-1:] in ".?!,;:…。？！、，" and _fits(
            words[at:] or words[-1:], rules
        ):
            return at
    return len(words)


def _cue(words: Sequence[Word], rules: CueRules) -> Cue:
    end = max(word.end for word in words)
    return Cue(words[0].start, end, words[0].speaker, wrap(words, rules))


def _timed(cue: Cue, following: Cue | None, rules: CueRules) -> Cue:
    """The cue lengthened until it can be read, but out of the way of the next."""
    characters = sum(map(len, cue.lines))
    wanted = max(cue.end, cue.start + max(rules.shortest, characters / rules.characters_per_second))
    wanted = min(wanted, max(cue.end, cue.start + rules.longest))
    if following is not None:
        wanted = min(wanted, max(cue.start + 0.001, following.start - rules.gap))
        if cue.end > following.start:  # two people at once: leave what was measured
            wanted = cue.end
    return replace(cue, end=wanted)
