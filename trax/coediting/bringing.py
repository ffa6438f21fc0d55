"""Shared documents brought to what a version of the transcript says, by few edits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from pycrdt import Doc, Map

from trax.coediting.archive import Archive
from trax.coediting.deriving import spoken_lines
from trax.coediting.documents import META, SPEAKERS, entries, read
from trax.coediting.lines import BREAK, PIECE, SPEAKER, UNKNOWN, WORD, Line, shown
from trax.coediting.places import changed
from trax.coediting.tokens import tokens_of
from trax.coediting.writing import Attributes, Edit, Writer
from trax.transcript import Segment, Transcript

_MANY = 2000  # units that are compared with patience


@dataclass(frozen=True, slots=True)
class _Unit:
    """A break or a word.

    Attributes:
        attributes: that its letters have, or are to have.
        joined: whether no space separates it from what is before it.
    """

    text: str
    attributes: Attributes
    start: int = 0
    joined: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_break(self) -> bool:
        return self.text == BREAK


def bring(
    rooms: Mapping[str, Doc[Any]],
    transcript: Transcript,
    archive: Archive,
    lines: Sequence[Line] | None = None,
) -> bool:
    """Make a document say what *transcript* says, as far as it does not yet; whether anything was
    written.

    Lines without words stay, and so do spaces.

    Args:
        archive: knows the words of the document and of *transcript*.
        lines: of the document, if they have been read.
    """
    is_written = _bring_speakers(rooms[META], transcript)
    lines = spoken_lines(transcript, read(rooms, lines))
    seen: set[str] = set()
    edits: list[Edit] = []
    for place, near in changed(transcript.segments, lines, archive):
        wanted = list(_wanted(transcript.segments[place.start : place.stop]))
        if not wanted:
            edits += _without_lines(lines, near, is_empty=not transcript.words)
            continue
        there = list(_standing(lines[near.start : near.stop], archive, seen))
        end = lines[near.start - 1].end if near.start else 0
        edits += _edits(there, wanted, end)
    if edits:
        Writer(rooms).edit(edits)
    return is_written or bool(edits)


def _bring_speakers(meta: Doc[Any], transcript: Transcript) -> bool:
    """What is said of speakers holds in the transcript; whatever does not goes."""
    known = {speaker.label: speaker for speaker in transcript.speakers}
    speaking = {segment.speaker for segment in transcript.segments if segment.words}
    stored = meta.get(SPEAKERS, type=Map)
    is_written = False
    for label, said in entries(meta, SPEAKERS).items():
        speaker = known.get(label)
        is_merged = isinstance(said, dict) and "into" in said
        is_over = label in speaking if is_merged else speaker is None
        if is_over:
            del stored[label]
            is_written = True
        elif speaker is not None and not is_merged and said != {"name": speaker.name}:
            stored[label] = {"name": speaker.name}
            is_written = True
    return is_written


def _without_lines(lines: Sequence[Line], near: range, *, is_empty: bool) -> Iterator[Edit]:
    """Lines with words go with their breaks; whoever speaks after them still does.

    Args:
        is_empty: whether no words are left: a text begins with a break.
    """
    for line in lines[near.start : near.stop]:
        if any(not each.text.isspace() for each in line.letters):
            is_kept = is_empty and line.start == 0
            yield Edit(start=line.start + (len(BREAK) if is_kept else 0), end=line.end)
    if near and near.stop < len(lines):
        following = lines[near.stop]
        speaker = UNKNOWN if following.speaker is None else following.speaker
        start = following.start
        yield Edit(start=start, end=start + len(BREAK), attributes={SPEAKER: speaker}, is_kept=True)


def _wanted(segments: Sequence[Segment]) -> Iterator[_Unit]:
    for segment in segments:
        if not segment.words:
            continue
        speaker = UNKNOWN if segment.speaker is None else segment.speaker
        yield _Unit(BREAK, {SPEAKER: speaker, PIECE: segment.words[0].id})
        for at, word in enumerate(segment.words):
            joined = word.joined or at == 0
            yield _Unit(shown(word.text), {WORD: word.id}, joined=joined)


def _standing(lines: Sequence[Line], archive: Archive, seen: set[str]) -> Iterator[_Unit]:
    for line in lines:
        tokens = tokens_of(line.letters, archive, seen)
        if not tokens:
            continue
        speaker = UNKNOWN if line.speaker is None else line.speaker
        yield _Unit(BREAK, {SPEAKER: speaker}, line.start)
        for token in tokens:
            word = None if token.is_mixed else token.word
            yield _Unit(token.text, {WORD: word}, token.start)


def _edits(there: Sequence[_Unit], wanted: Sequence[_Unit], end: int) -> list[Edit]:
    """What makes the units *wanted* of those that are *there*.

    Args:
        end: of what stands before them.
    """
    matcher = SequenceMatcher(
        None,
        [unit.text for unit in there[1:]],
        [unit.text for unit in wanted[1:]],
        autojunk=len(there) > _MANY,
    )
    steps: list[tuple[str, int, int, int, int]]
    if not there or not wanted:
        steps = [("replace", 0, len(there), 0, len(wanted))]
    else:
        steps = [("equal", 0, 1, 0, 1)]
        for step in matcher.get_opcodes():
            first, past, start, stop = (number + 1 for number in step[1:])
            steps.append((step[0], first, past, start, stop))
    edits: list[Edit] = []
    for kind, first, past, start, stop in steps:
        if kind == "equal":
            pairs = zip(there[first:past], wanted[start:stop], strict=True)
            edits += [edit for pair in pairs for edit in _same(*pair)]
            continue
        before = there[past - 1].end if past else end
        edits += [_without(there, number) for number in range(first, past)]
        edits += [edit for unit in wanted[start:stop] for edit in _with(unit, before)]
        following = there[past] if past < len(there) else None
        touches = following is not None and following.start == before and not following.is_break
        if touches and start < stop and not wanted[stop - 1].is_break:
            edits.append(Edit(start=before, end=before, text=" "))
    return edits


def _same(unit: _Unit, wanted: _Unit) -> Iterator[Edit]:
    """The unit with its attributes."""
    name = SPEAKER if unit.is_break else WORD
    if unit.attributes.get(name) != wanted.attributes[name]:
        attributes = {name: wanted.attributes[name]}
        yield Edit(start=unit.start, end=unit.end, attributes=attributes, is_kept=True)


def _without(there: Sequence[_Unit], number: int) -> Edit:
    """A unit goes, with the space before it; of a break a space stays."""
    unit = there[number]
    if unit.is_break:
        return Edit(start=unit.start, end=unit.end, text=" ")
    before = there[number - 1] if number else None
    is_after_word = before is not None and not before.is_break
    start = before.end if before is not None and is_after_word else unit.start
    return Edit(start=start, end=unit.end)


def _with(unit: _Unit, at: int) -> Iterator[Edit]:
    """A unit is put in, with a space before it."""
    if not unit.is_break and not unit.joined:
        yield Edit(start=at, end=at, text=" ")
    yield Edit(start=at, end=at, text=unit.text, attributes=unit.attributes)
