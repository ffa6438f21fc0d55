"""Where a transcript and the lines of a shared document differ."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from trax.coediting.archive import Archive
from trax.coediting.lines import Line, shown
from trax.coediting.tokens import is_blank
from trax.revision import SURE
from trax.transcript import Segment, joined_text

_AT_ONCE = 1  # segments in one place, or more where there is no parting them


def changed(
    segments: Sequence[Segment], lines: Sequence[Line], archive: Archive
) -> Iterator[tuple[range, range]]:
    """Where segments and lines differ: numbers of those and of these. What has changed from end to
    end is several places, since one costs the square of its length.

    Args:
        archive: knows the words of the segments.
    """
    earlier: set[str] = set()
    for place, near in _differing(segments, lines):
        starts = [(place.start, near.start)]
        for start in _partings(segments, lines, (place, near), archive):
            is_known = segments[start[0]].words[0].id in earlier
            if start[0] - starts[-1][0] >= _AT_ONCE and not is_known:
                starts.append(start)
        ends = [*starts[1:], (place.stop, near.stop)]
        for start, end in zip(starts, ends, strict=True):
            yield range(start[0], end[0]), range(start[1], end[1])
        earlier |= {each.word for number in near for each in lines[number].letters}


def _differing(segments: Sequence[Segment], lines: Sequence[Line]) -> Iterator[tuple[range, range]]:
    """Where they differ between segments and lines that are alike."""
    places = {each.words[0].id: at for at, each in enumerate(segments) if each.words}
    alike: list[tuple[int, int]] = []
    last = -1
    for number, line in enumerate(lines):
        first = next((each.word for each in line.letters if each.word), "")
        at = places.get(first, -1)
        if at > last and _is_alike(segments[at], line):
            alike.append((at, number))
            last = at
    done = (0, 0)
    for at, number in [*alike, (len(segments), len(lines))]:
        region = range(done[0], at), range(done[1], number)
        if region[1] or any(segments[each].words for each in region[0]):
            yield region
        done = (at + 1, number + 1)


def _partings(
    segments: Sequence[Segment],
    lines: Sequence[Line],
    region: tuple[range, range],
    archive: Archive,
) -> Iterator[tuple[int, int]]:
    """Where a segment and a line begin with the same word, and no word stands on the other side of
    where it stood.
    """
    place, near = region
    if len(place) <= _AT_ONCE or not near:
        return
    holding = {word.id: number for number in place for word in segments[number].words}
    standing = [
        [holding[each.word] for each in lines[number].letters if each.word in holding]
        for number in near
    ]
    latest = list(accumulate((max(each, default=-1) for each in standing), max))
    first = (min(each, default=place.stop) for each in reversed(standing))
    earliest = list(accumulate(first, min))[::-1]
    for at in range(1, len(near)):
        word = _first_word(lines[near[at]])
        number = holding.get(word, -1)
        is_between = latest[at - 1] < number <= earliest[at]
        if is_between and _begins(segments[number], word, archive):
            yield number, near[at]


def _begins(segment: Segment, word: str, archive: Archive) -> bool:
    first = segment.words[0]
    return first.id == word and first.joined == archive.is_joined(word)


def _first_word(line: Line) -> str:
    """The id of the word that a line begins with; empty if its letters have none."""
    return next((each.word for each in line.letters if not is_blank(each.text)), "")


def _is_alike(segment: Segment, line: Line) -> bool:
    if segment.speaker != line.speaker:
        return False
    spoken = [each for each in line.letters if each.word]
    if len(spoken) != len(segment.words):
        return False
    for word, letters in zip(segment.words, spoken, strict=True):
        if word.id != letters.word or shown(word.text) != letters.text:
            return False
        if letters.is_sure and word.confidence != SURE:
            return False
    return "".join([each.text for each in line.letters]) == shown(joined_text(segment.words))
