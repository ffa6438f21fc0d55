"""When words were said that people typed together: looked for in the sound once, for everybody."""

from collections.abc import Collection
from dataclasses import replace

from trax.coediting.deriving import Derived
from trax.errors import InputError
from trax.revision import Insert, Operation, Sheet, Write, apply
from trax.service.recordings import recording_of
from trax.service.typed import MOST_WORDS, typed_times
from trax.store.recordings import RecordingRecord
from trax.transcript import Span, Transcript, Word
from trax.work.workspace import Workspace

MOST_PLACES = 8
"""Places in one save at which the sound is listened to; elsewhere words share the time."""

_MOST_OPERATIONS = 200  # in one save: there is time for each when typing has rested


def heard(workspace: Workspace, base: Transcript, derived: Derived) -> Derived:
    """What was derived from *base*, with the times that the sound gives to new words."""
    if len(derived.operations) > _MOST_OPERATIONS:
        return derived
    known = {word.id for word in base.words}
    typed = [each for each in derived.operations if _is_typed(each, known)]
    if not 0 < len(typed) <= MOST_PLACES:
        return derived
    try:
        recording = recording_of(workspace, base.id)
    except InputError:
        return derived
    sheet = Sheet(base)
    operations: list[Operation] = []
    back: list[Operation] = []
    for operation in derived.operations:
        done = operation
        if isinstance(operation, Insert) and _is_typed(operation, known):
            done = _placed(workspace, recording, sheet.transcript, operation)
        back.append(sheet.inverse(done))
        sheet.apply(done)
        operations.append(done)
    return Derived(tuple(operations), tuple(reversed(back)), sheet.transcript)


def _is_typed(operation: Operation, known: Collection[str]) -> bool:
    """Whether it puts words into a segment that nobody has heard: their ids are not *known*."""
    if not isinstance(operation, Insert) or operation.frame is not None:
        return False
    return len(operation.words) <= MOST_WORDS and not any(w.id in known for w in operation.words)


def _placed(
    workspace: Workspace, recording: RecordingRecord, document: Transcript, operation: Insert
) -> Insert:
    """The same with the words where the sound has them, if it does and they fit there."""
    text = " ".join(word.text for word in operation.words)
    if len(text.split()) != len(operation.words):
        return operation
    write = Write(text=text, after=operation.after, before=operation.before)
    try:
        found = typed_times(workspace, recording, document, write)
        if not found.heard:
            return operation
        words = tuple(map(_at, operation.words, found.spans))
        placed = replace(operation, words=words)
        apply(document, placed)
    except InputError:
        return operation
    return placed


def _at(word: Word, span: Span) -> Word:
    return replace(word, start=span.start, end=span.end)
