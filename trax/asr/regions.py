"""Regions of speech with the words recognised in them so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trax.asr.evidence import WordHypothesis, voted_words
from trax.merge import consensus, stitched
from trax.transcript import Span, Word

LONGEST_WINDOW = 25.0
"""Seconds; shorter cuts cost context, longer ones do not fit the encoder."""

_STRETCH = 300.0  # seconds decoded with context; bounds memory
_STITCHED = 5.0  # seconds before an overlap that stitching looks at
_NEAR = 0.4  # seconds around a word that count as covered by it
_UNCOVERED = 1.0  # seconds of speech without a word that are worth decoding again


@dataclass(frozen=True, slots=True)
class Region:
    """A window or a stretch of speech in one language.

    Attributes:
        span: where it lies in its section.
        language: ISO 639-1 code.
        words: what the passes so far recognised in it, in the section's time.
        section: the number of the recording's section that it lies in.
        other: the language to read it in as well if it may be in that one; empty for none.
        sure: how probable its language is, against all others.
    """

    span: Span
    language: str
    words: tuple[WordHypothesis, ...] = ()
    section: int = 0
    other: str = ""
    sure: float = 1.0

    def with_reading(self, words: Sequence[WordHypothesis]) -> "Region":
        """The region after another pass, its words put to the vote; an empty pass has no vote."""
        if not words:
            return self
        if not self.words:
            return replace(self, words=tuple(words))
        votes = consensus(self.words, words)
        return replace(self, words=tuple(voted_words(votes)))


def stretches(regions: Sequence[Region]) -> Iterator[Region]:
    """Neighbouring regions of one section in one language, joined up to five minutes."""
    group: list[Region] = []
    for region in regions:
        if group and not _fits(group, region):
            yield _stretch(group)
            group = []
        group.append(region)
    if group:
        yield _stretch(group)


def joined_words(regions: Sequence[Region]) -> list[WordHypothesis]:
    """The words of a section's regions; where two overlap, none is lost and none comes twice."""
    words: list[WordHypothesis] = []
    reached = 0.0
    for region in regions:
        if words and region.span.start < reached:
            overlap = Span(region.span.start, min(reached, region.span.end))
            first = _first_ending_after(words, overlap.start - _STITCHED)
            words[first:] = stitched(words[first:], region.words, overlap)
        else:
            words.extend(region.words)
        reached = max(reached, region.span.end)
    return words


def uncovered(speech: Sequence[Span], words: Sequence[Word]) -> list[Span]:
    """Stretches of *speech* of at least a second with no word nearby.

    Args:
        speech: where somebody speaks, in order.
        words: what was recognised, in order.
    """
    gaps: list[Span] = []
    at = 0
    for span in speech:
        start = span.start
        while at < len(words) and words[at].start - _NEAR < span.end:
            covered = words[at]
            if covered.start - _NEAR - start >= _UNCOVERED:
                gaps.append(Span(start, covered.start - _NEAR))
            start = max(start, covered.end + _NEAR)
            if covered.end + _NEAR > span.end:
                break
            at += 1
        if span.end - start >= _UNCOVERED:
            gaps.append(Span(start, span.end))
    return gaps


def _fits(group: Sequence[Region], region: Region) -> bool:
    first = group[0]
    if (region.section, region.language) != (first.section, first.language):
        return False
    return region.span.end - first.span.start <= _STRETCH


def _stretch(group: Sequence[Region]) -> Region:
    span = Span(group[0].span.start, group[-1].span.end)
    return Region(span, group[0].language, tuple(joined_words(group)), group[0].section)


def _first_ending_after(words: Sequence[Word], time: float) -> int:
    for at, word in enumerate(words):
        if word.end > time:
            return at
    return len(words)
