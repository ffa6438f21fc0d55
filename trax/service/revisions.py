"""What people change in a transcript. Each change makes a new version.

A change is made on a version: by default the newest one, or *base_version*, the one that whoever
asks has seen. If somebody else saved another version meanwhile, nothing is saved: `Conflict`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trax.errors import NotFound
from trax.revision import Operation, apply, restored, undone, with_names
from trax.store import TranscriptRepository
from trax.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Revised:
    """A changed transcript.

    Attributes:
        version: the number of the version that the change made.
    """

    transcript_id: str
    version: int


def edit(
    transcripts: TranscriptRepository,
    reference: str,
    operations: Iterable[Operation],
    base_version: int | None = None,
) -> Revised:
    """Apply operations, one after the other.

    Raises:
        NotFound: there is no such transcript, or no word with an id that an operation names.
        InvalidOption: an operation makes no sense.
        Conflict: the transcript was changed meanwhile.
    """

    def edited(transcript: Transcript) -> Transcript:
        for operation in operations:
            transcript = apply(transcript, operation)
        return transcript

    return _revise(transcripts, reference, base_version, edited)


def undo_edits(
    transcripts: TranscriptRepository,
    reference: str,
    numbers: Iterable[int] = (),
    base_version: int | None = None,
) -> Revised:
    """Put back what a language model's edits replaced; all of them if no *numbers* are given.

    Args:
        numbers: of the edits, the first is 1.

    Raises:
        NotFound: there is no such transcript, or no such edit was made.
        InvalidOption: the words of an edit were changed again since.
        Conflict: the transcript was changed meanwhile.
    """
    return _revise(transcripts, reference, base_version, lambda each: undone(each, numbers))


def restore_removed(
    transcripts: TranscriptRepository,
    reference: str,
    numbers: Iterable[int] = (),
    base_version: int | None = None,
) -> Revised:
    """Put text back that was taken out; all of it if no *numbers* are given.

    Args:
        numbers: of the removed texts, the first is 1.

    Raises:
        NotFound: there is no such transcript, or nothing with such a number was removed.
        Conflict: the transcript was changed meanwhile.
    """

    def with_texts(transcript: Transcript) -> Transcript:
        every = range(1, len(transcript.removed) + 1)
        return restored(transcript, set(numbers) or every)

    return _revise(transcripts, reference, base_version, with_texts)


def accept_names(
    transcripts: TranscriptRepository, reference: str, base_version: int | None = None
) -> Revised:
    """Give speakers the names that a language model proposed.

    Raises:
        NotFound: there is no such transcript, or no name was proposed.
        Conflict: the transcript was changed meanwhile.
    """

    def named(transcript: Transcript) -> Transcript:
        proposed = transcript.notes.names if transcript.notes else ()
        if not proposed:
            raise NotFound("proposed name", transcript.id)
        return with_names(transcript, {each.speaker: each.name for each in proposed})

    return _revise(transcripts, reference, base_version, named)


def _revise(
    transcripts: TranscriptRepository,
    reference: str,
    base_version: int | None,
    change: Callable[[Transcript], Transcript],
) -> Revised:
    newest = transcripts.versions(reference)[0]
    base = newest.version if base_version is None else base_version
    changed = change(transcripts.get(newest.id, base))
    return Revised(newest.id, transcripts.save(changed, base_version=base))
