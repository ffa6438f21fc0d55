"""A sentence beside the text that is wanted in its place, stretch by stretch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from trax.enhance.sounds import letters
from trax.transcript import Word, joined_text


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a sentence, and the text wanted in their place.

    Attributes:
        first: index of the first word.
        words: as they are; empty if text is added.
        tokens: number of texts between spaces that the words make.
        wanted: the tokens wanted; empty if words are left out.
        opens: whether the words open the sentence.
    """

    first: int
    words: tuple[Word, ...]
    tokens: int
    wanted: tuple[str, ...]
    opens: bool

    @property
    def past(self) -> int:
        """Index after the last word."""
        return self.first + len(self.words)

    @property
    def is_same_text(self) -> bool:
        """Whether nothing at all is to change."""
        return joined_text(self.words) == " ".join(self.wanted)

    @property
    def changes_letters(self) -> bool:
        """Whether more than case, accents and punctuation is to change."""
        return _key(joined_text(self.words)) != _key(" ".join(self.wanted))

    @property
    def changed_tokens(self) -> int:
        """How many tokens change letters, before or after, whichever are more."""
        if not self.changes_letters:
            return 0
        return max(self.tokens, len(self.wanted))


@dataclass(frozen=True, slots=True)
class _Match:
    """A range of the sentence's tokens, and the range of wanted tokens beside it."""

    ours: range
    theirs: range


def align(words: Sequence[Word], wanted: Sequence[str]) -> list[Stretch]:
    """The words of a sentence beside the tokens that are wanted.

    Tokens with the same letters or numbers are paired one by one; so are differing ones between
    them, if both sides have as many and no letters move between tokens. Otherwise everything
    between equal tokens is one stretch.
    """
    groups = list(_groups(words))
    present = [joined_text(words[group.start : group.stop]) for group in groups]
    stretches = []
    for match in _matches(present, wanted):
        start = _word_index(groups, match.ours.start, len(words))
        past = groups[match.ours.stop - 1].stop if match.ours else start
        stretch = Stretch(
            first=start,
            words=tuple(words[start:past]),
            tokens=len(match.ours),
            wanted=tuple(wanted[match.theirs.start : match.theirs.stop]),
            opens=match.ours.start == 0,
        )
        stretches.append(stretch)
    return stretches


def _groups(words: Sequence[Word]) -> Iterator[range]:
    """Index ranges of words that no space separates."""
    first = 0
    for index in range(1, len(words) + 1):
        if index == len(words) or not words[index].joined:
            yield range(first, index)
            first = index


def _word_index(groups: Sequence[range], group: int, words: int) -> int:
    return groups[group].start if group < len(groups) else words


def _matches(present: Sequence[str], wanted: Sequence[str]) -> Iterator[_Match]:
    """All tokens of both sides in order: equal ones one by one, the rest as disputes."""
    our_keys = [_key(text) for text in present]
    their_keys = [_key(text) for text in wanted]
    our_done = 0
    their_done = 0
    for step in Levenshtein.opcodes(our_keys, their_keys):
        if step.tag != "equal":
            continue
        ours = range(our_done, step.src_start)
        theirs = range(their_done, step.dest_start)
        yield from _dispute(present, wanted, _Match(ours, theirs))
        for offset in range(step.src_end - step.src_start):
            yield _pair(step.src_start + offset, step.dest_start + offset)
        our_done = step.src_end
        their_done = step.dest_end
    rest = _Match(range(our_done, len(present)), range(their_done, len(wanted)))
    yield from _dispute(present, wanted, rest)


def _dispute(
    present: Sequence[str],
    wanted: Sequence[str],
    match: _Match,
) -> Iterator[_Match]:
    """Differing tokens: in pairs if possible, else together."""
    ours = present[match.ours.start : match.ours.stop]
    theirs = wanted[match.theirs.start : match.theirs.stop]
    if not ours and not theirs:
        return
    letters_differ = _key(" ".join(ours)) != _key(" ".join(theirs))
    if letters_differ and len(ours) == len(theirs):
        for our_index, their_index in zip(match.ours, match.theirs, strict=True):
            yield _pair(our_index, their_index)
    else:
        yield match


def _pair(our_index: int, their_index: int) -> _Match:
    return _Match(range(our_index, our_index + 1), range(their_index, their_index + 1))


def _key(text: str) -> str:
    """What is compared: the letters, or the text itself if it has none."""
    return letters(text) or text
