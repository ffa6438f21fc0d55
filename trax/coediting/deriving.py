"""The operations that make a transcript say what a shared document says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trax.coediting.archive import Archive
from trax.coediting.lines import Line
from trax.coediting.places import changed
from trax.coediting.regions import Region, SpokenLine
from trax.coediting.tokens import tokens_of
from trax.collecting import collection_paused
from trax.revision import (
    AddSpeaker,
    Operation,
    RemoveSpeaker,
    Rename,
    Silence,
    apply,
    inverse,
)
from trax.revision.places import tallied
from trax.revision.removed import restoring
from trax.revision.silences import silenced
from trax.transcript import Span, Speaker, Transcript

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


@dataclass(frozen=True, slots=True)
class Derived:
    """What makes a transcript say what a document says.

    Attributes:
        operations: in order; none if it does already.
        inverse: what takes them back, in order.
        transcript: after the operations.
    """

    operations: tuple[Operation, ...]
    inverse: tuple[Operation, ...]
    transcript: Transcript


class _Change:
    """A transcript while operations are applied.

    Attributes:
        transcript: as it is now.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._operations: list[Operation] = []
        self._inverse: list[Operation] = []

    def do(self, operations: Iterable[Operation]) -> None:
        """Apply operations, each to the whole."""
        for operation in operations:
            self._operations.append(operation)
            self._inverse.append(inverse(self.transcript, operation))
            self.transcript = apply(self.transcript, operation)

    def take(self, done: Sequence[tuple[range, Region]]) -> None:
        """Take what was done in regions, each in the place of these segments."""
        for _, region in done:
            self._operations += region.operations
            self._inverse += region.inverse
        self.transcript = tallied(_put_together(self.transcript, done))

    @property
    def derived(self) -> Derived:
        """All of it."""
        back = tuple(reversed(self._inverse))
        return Derived(tuple(self._operations), back, self.transcript)


@collection_paused()
def derive(base: Transcript, archive: Archive, shared: Shared) -> Derived:
    """The operations that make *base* say what *shared* says. Words that nobody touched keep their
    times, speaker and confidence; new ones get times between their neighbours.

    Args:
        archive: knows the words of *base*, and of versions before it.
    """
    change = _Change(base)
    change.do(_speakers(base, shared))
    change.do(_restored(base, shared))
    lines = spoken_lines(change.transcript, shared)
    done = _texts(change.transcript, archive, replace(shared, lines=lines))
    if done:
        change.take(done)
    change.do(_merged(change.transcript, shared, lines))
    return change.derived


def _put_together(transcript: Transcript, done: Sequence[tuple[range, Region]]) -> Transcript:
    """The transcript with the segments of regions, and their translations, in their places."""
    segments = list(transcript.segments)
    notes = transcript.notes
    texts = {} if notes is None else {name: list(t) for name, t in notes.translations.items()}
    aligned = {name: each for name, each in texts.items() if len(each) == len(segments)}
    gone: list[Span] = []
    for place, region in reversed(done):
        segments[place.start : place.stop] = region.document.segments[region.result]
        for name, each in aligned.items():
            found = region.document.notes.translations if region.document.notes else {}
            each[place.start : place.stop] = found[name][region.result]
        gone += region.newly_silenced
    if notes is not None:
        kept = {name: tuple(each) for name, each in texts.items()}
        notes = replace(notes, translations=kept)
    made = replace(transcript, segments=tuple(segments), notes=notes)
    return silenced(made, Silence(spans=tuple(gone))) if gone else made


def _speakers(base: Transcript, shared: Shared) -> Iterator[Operation]:
    """Speakers added and named."""
    known = {speaker.label: speaker for speaker in base.speakers}
    for label, said in shared.speakers.items():
        if "into" in said or not label or "\0" in label:
            continue
        name = _name(said)
        if label not in known:
            yield AddSpeaker(speaker=Speaker(label=label, speech=0.0, name=name))
        elif known[label].name != name:
            yield Rename(speaker=label, name=name)


def _name(said: Mapping[str, Any]) -> str | None:
    name = said.get("name")
    return name.replace("\0", "").strip() or None if isinstance(name, str) else None


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
        speaker = label if label in known else None
        lines.append(line if speaker == line.speaker else replace(line, speaker=speaker))
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


def _texts(document: Transcript, archive: Archive, shared: Shared) -> list[tuple[range, Region]]:
    """What is done in each place, and where; places follow one another."""
    places = list(changed(document.segments, shared.lines, archive))
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
    done: list[tuple[range, Region]] = []
    held = {word.id for word in document.words}
    for (place, _), spoken in zip(places, texts, strict=True):
        near = _beside(document, place)
        own = {word.id for number in place for word in document.segments[number].words}
        named = {token.word for line in spoken for token in line.tokens}
        inner = range(place.start - near.start, place.stop - near.start)
        region = Region(_cut(document, near), inner, archive, shared.silenced)
        region.say(spoken, (named & held) - own)
        if region.operations:
            done.append((place, region))
    return done


def _beside(document: Transcript, place: range) -> range:
    """The segments of *place* with those beside them that have words."""
    segments = document.segments
    first = place.start
    while first > 0 and (first == place.start or not segments[first].words):
        first -= 1
    past = place.stop
    while past < len(segments) and (past == place.stop or not segments[past - 1].words):
        past += 1
    return range(first, past)


def _cut(document: Transcript, near: range) -> Transcript:
    """Some segments as a transcript that is quick to change."""
    segments = document.segments
    notes = document.notes
    if notes is not None:
        cut = {
            language: texts[near.start : near.stop]
            for language, texts in notes.translations.items()
            if len(texts) == len(segments)
        }
        notes = replace(notes, translations=cut)
    return replace(document, segments=segments[near.start : near.stop], turns=(), notes=notes)
