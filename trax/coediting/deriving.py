"""The operations that make a transcript say what a shared document says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trax.coediting.archive import Archive
from trax.coediting.lines import Line, shown
from trax.coediting.regions import Region, SpokenLine
from trax.coediting.tokens import tokens_of
from trax.revision import SURE, AddSpeaker, Operation, RemoveSpeaker, Rename, apply
from trax.revision.removed import restoring
from trax.transcript import Segment, Speaker, Transcript, joined_text

_LONGEST_CHAIN = 20  # speakers merged into one another


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What a shared document says.

    Attributes:
        lines: of all its parts.
        speakers: what people said of speakers, by label: ``name``, or ``into`` whom they are
            merged.
        silenced: ids of words that are deleted with their sound.
    """

    lines: Sequence[Line]
    speakers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    silenced: frozenset[str] = frozenset()


def derive(base: Transcript, archive: Archive, shared: Shared) -> list[Operation]:
    """The operations that make *base* say what *shared* says. Words that nobody touched keep their
    times, speaker and confidence; new ones get times between their neighbours.

    Args:
        archive: knows the words of *base*, and of versions before it.
    """
    operations: list[Operation] = []
    document = base
    for operation in (*_speakers(base, shared), *_restored(base, shared)):
        document = apply(document, operation)
        operations.append(operation)
    lines = spoken_lines(document, shared)
    operations += _texts(document, archive, replace(shared, lines=lines))
    operations += _merged(document, shared, lines)
    return operations


def _speakers(base: Transcript, shared: Shared) -> Iterator[Operation]:
    """Speakers added and named."""
    known = {speaker.label: speaker for speaker in base.speakers}
    for label, said in shared.speakers.items():
        if "into" in said or not label:
            continue
        name = _name(said)
        if label not in known:
            yield AddSpeaker(speaker=Speaker(label=label, speech=0.0, name=name))
        elif known[label].name != name:
            yield Rename(speaker=label, name=name)


def _name(said: Mapping[str, Any]) -> str | None:
    name = said.get("name")
    return name.strip() or None if isinstance(name, str) else None


def _restored(base: Transcript, shared: Shared) -> list[Operation]:
    """Removed texts put back of which words stand in the document."""
    removed = {word.id: at for at, each in enumerate(base.removed, 1) for word in each.words}
    if not removed:
        return []
    standing = (letters.word for line in shared.lines for letters in line.letters)
    chosen = {removed[name] for name in standing if name in removed}
    return list(restoring(base, chosen)) if chosen else []


def spoken_lines(document: Transcript, shared: Shared) -> list[Line]:
    """The lines, each with who speaks it, whoever they were merged into; unknown if there is nobody
    like that.
    """
    known = {speaker.label for speaker in document.speakers}
    known |= {segment.speaker for segment in document.segments if segment.speaker}
    lines = []
    for line in shared.lines:
        label = _merged_into(shared, line.speaker)
        lines.append(replace(line, speaker=label if label in known else None))
    return lines


def _merged_into(shared: Shared, label: str | None) -> str | None:
    for _ in range(_LONGEST_CHAIN):
        into = shared.speakers.get(label or "", {}).get("into")
        if not isinstance(into, str):
            break
        label = into
    return label


def _merged(document: Transcript, shared: Shared, lines: Sequence[Line]) -> Iterator[Operation]:
    """Speakers removed who were merged into others and whom no turn names."""
    staying = {turn.speaker for turn in document.turns}
    staying |= {line.speaker for line in lines if line.letters and line.speaker}
    for speaker in document.speakers:
        is_merged = "into" in shared.speakers.get(speaker.label, {})
        if is_merged and speaker.label not in staying:
            yield RemoveSpeaker(speaker=speaker.label)


def _texts(document: Transcript, archive: Archive, shared: Shared) -> list[Operation]:
    places = list(changed(document.segments, shared.lines))
    if not places:
        return []
    touched = {number for place, _ in places for number in place}
    seen: set[str] = set()
    for number, segment in enumerate(document.segments):
        if number not in touched:
            seen |= {word.id for word in segment.words}
    texts = [
        [
            SpokenLine(line.speaker, tokens_of(line.letters, archive, seen))
            for line in shared.lines[lines.start : lines.stop]
        ]
        for _, lines in places
    ]
    operations: list[Operation] = []
    held = {word.id for word in document.words}
    for (place, _), spoken in zip(places, texts, strict=True):
        near, inner = _near(document, place)
        own = {word.id for number in place for word in document.segments[number].words}
        region = Region(near, inner, archive, shared.silenced)
        region.say(spoken, held - own)
        operations += region.operations
    return operations


def _near(document: Transcript, place: range) -> tuple[Transcript, range]:
    """The segments of *place* with what is beside them, as a transcript that is quick to change;
    and their place in it.
    """
    segments = document.segments
    first = place.start
    while first > 0 and (first == place.start or not segments[first].words):
        first -= 1
    past = place.stop
    while past < len(segments) and (past == place.stop or not segments[past - 1].words):
        past += 1
    notes = document.notes
    if notes is not None:
        cut = {
            language: texts[first:past]
            for language, texts in notes.translations.items()
            if len(texts) == len(segments)
        }
        notes = replace(notes, translations=cut)
    near = replace(document, segments=segments[first:past], turns=(), notes=notes)
    return near, range(place.start - first, place.stop - first)


def changed(segments: Sequence[Segment], lines: Sequence[Line]) -> Iterator[tuple[range, range]]:
    """Where segments and lines differ: numbers of those and of these."""
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


def _is_alike(segment: Segment, line: Line) -> bool:
    if segment.speaker != line.speaker:
        return False
    if "".join(each.text for each in line.letters) != shown(joined_text(segment.words)):
        return False
    spoken = [each for each in line.letters if each.word]
    if len(spoken) != len(segment.words):
        return False
    for word, letters in zip(segment.words, spoken, strict=True):
        is_same = word.id == letters.word and shown(word.text) == letters.text
        if not is_same or (letters.is_sure and word.confidence != SURE):
            return False
    return True
