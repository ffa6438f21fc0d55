"""A transcript cut into subtitle cues that can be read.

The limits follow the Netflix timed text style guide for English, Japanese and Chinese and the BBC
subtitle guidelines: two lines of at most 42 characters, of full width at most 16, at least 5/6 s
and at most 7 s on screen, at least two frames between cues, about 20 characters a second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from trax.export.phrases import columns, phrases
from trax.transcript import Segment, Span, Word, joined_text

_PUNCTUATION = ".?!,;:…。？！、，"
_SHORTEST_OVERLAP = 0.001  # seconds that a cue lasts at least when the next one begins with it


@dataclass(frozen=True, slots=True, kw_only=True)
class CueRules:
    """What makes a cue readable.

    Attributes:
        line_characters: the most columns of a line; a single longer word stays whole.
        lines: the most lines of a cue.
        characters_per_second: reading speed, in columns. A cue stays on screen long enough to be
            read if the next one leaves room.
        shortest: seconds that a cue should last if the next one leaves room.
        longest: seconds that a cue may last.
        gap: seconds between cues.
        pause: seconds of silence within a segment that end a cue.
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

    A cue lasts as long as its words and is lengthened only into free time. Cues of people who talk
    at once overlap as their words do. One that could not stay long enough to be read is joined with
    what the same person says next.
    """
    rules = rules or CueRules()
    pieces: list[list[Word]] = []
    for segment in segments:
        words = phrases([word for word in segment.words if word.text], rules.line_characters)
        pieces.extend(_pieces(words, rules))
    pieces.sort(key=lambda piece: piece[0].start)
    cut = [_cue(piece, rules) for piece in _without_flashes(pieces, rules)]
    pairs = zip_longest(cut, cut[1:])
    return [_timed(cue, following, rules) for cue, following in pairs]


def parts(segment: Segment, rules: CueRules | None = None) -> list[Segment]:
    """The segment in parts that fit into a cue each."""
    rules = rules or CueRules()
    words = phrases([word for word in segment.words if word.text], rules.line_characters)
    found = []
    for piece in _pieces(words, rules):
        span = Span(piece[0].start, _last_end(piece))
        found.append(replace(segment, start=span.start, end=span.end, words=tuple(piece)))
    return found


def wrap(words: Sequence[Word], rules: CueRules) -> tuple[str, ...]:
    """The words in one line if they fit, else in two.

    The lines are of about equal length; of two equally good ways, the upper line is the shorter.
    """
    return _wrapped(phrases(words, rules.line_characters), rules)


def _wrapped(words: Sequence[Word], rules: CueRules) -> tuple[str, ...]:
    """The lines of words that may be broken between."""
    text = joined_text(words)
    if columns(text) <= rules.line_characters:
        return (text,)
    splits = list(_splits(words))
    if not splits:
        return (text,)
    return min(splits, key=_imbalance)


def _splits(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    for index in range(1, len(words)):
        yield joined_text(words[:index]), joined_text(words[index:])


def _imbalance(lines: tuple[str, str]) -> tuple[float, bool]:
    upper = columns(lines[0])
    lower = columns(lines[1])
    return max(upper, lower), upper > lower


def _pieces(words: Sequence[Word], rules: CueRules) -> Iterator[list[Word]]:
    """The words cut at pauses, and where a cue would be too long."""
    piece: list[Word] = []
    for word in words:
        if piece and word.start - piece[-1].end > rules.pause:
            yield piece
            piece = []
        elif piece and not _fits([*piece, word], rules):
            kept = _best_break(piece, rules)
            yield piece[:kept]
            piece = piece[kept:]
        piece.append(word)
    if piece:
        yield piece


def _fits(words: Sequence[Word], rules: CueRules) -> bool:
    lines = _wrapped(words, rules)
    if len(lines) > rules.lines:
        return False
    if max(map(columns, lines)) > rules.line_characters:
        return False
    return _last_end(words) - words[0].start <= rules.longest


def _best_break(words: Sequence[Word], rules: CueRules) -> int:
    """How many words to keep: up to the last punctuation in the second half, else all."""
    for count in range(len(words), len(words) // 2, -1):
        punctuated = words[count - 1].text[-1:] in _PUNCTUATION
        rest = words[count:] or words[-1:]
        if punctuated and _fits(rest, rules):
            return count
    return len(words)


def _without_flashes(pieces: Sequence[list[Word]], rules: CueRules) -> list[list[Word]]:
    """The pieces in order of time, those that would only flash up joined with the next."""
    found: list[list[Word]] = []
    for piece in pieces:
        if found and _flashes(found[-1], piece, rules):
            found[-1] = [*found[-1], *piece]
        else:
            found.append(piece)
    return found


def _flashes(words: Sequence[Word], following: Sequence[Word], rules: CueRules) -> bool:
    """Whether *words* could not be read before the same person's next, and fit into its cue."""
    if words[0].speaker != following[0].speaker:
        return False
    latest = following[0].start - rules.gap
    if latest - words[0].start >= rules.shortest or _last_end(words) > following[0].start:
        return False
    return _fits([*words, *following], rules)


def _cue(words: Sequence[Word], rules: CueRules) -> Cue:
    first = words[0]
    lines = _wrapped(words, rules)
    return Cue(first.start, _last_end(words), first.speaker, lines)


def _last_end(words: Sequence[Word]) -> float:
    return max(word.end for word in words)


def _timed(cue: Cue, following: Cue | None, rules: CueRules) -> Cue:
    """The cue lengthened until it can be read, but not into the next one."""
    if following is not None and cue.end > following.start:
        return cue  # two people talk at once: the measured times stay
    end = _readable_end(cue, rules)
    if following is not None:
        spoken = max(cue.end, cue.start + _SHORTEST_OVERLAP)
        latest = max(spoken, following.start - rules.gap)
        end = min(end, latest)
    return replace(cue, end=end)


def _readable_end(cue: Cue, rules: CueRules) -> float:
    """The end of the cue if nothing followed it."""
    characters = sum(map(columns, cue.lines))
    duration = max(rules.shortest, characters / rules.characters_per_second)
    wanted = max(cue.end, cue.start + duration)
    latest = max(cue.end, cue.start + rules.longest)
    return min(wanted, latest)
