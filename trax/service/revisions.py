"""What people change in a transcript. Each change makes a new version."""

from collections.abc import Iterable
from dataclasses import dataclass

from trax.errors import NotFound
from trax.revision import restored, undone, with_names
from trax.store import TranscriptRepository


@dataclass(frozen=True, slots=True)
class Revised:
    """A changed transcript.

    Attributes:
        version: the number of the version that the change made.
    """

    transcript_id: str
    version: int


def undo_edits(
    transcripts: TranscriptRepository, reference: str, numbers: Iterable[int] = ()
) -> Revised:
    """Put back what a language model's edits replaced; all of them if no *numbers* are given.

    Args:
        numbers: of the edits, the first is 1.

    Raises:
        NotFound: there is no such transcript, or no such edit was made.
        InvalidOption: the words of an edit were changed again since.
    """
    transcript = transcripts.get(reference)
    version = transcripts.save(undone(transcript, numbers))
    return Revised(transcript.id, version)


def restore_removed(
    transcripts: TranscriptRepository, reference: str, numbers: Iterable[int] = ()
) -> Revised:
    """Put text back that was taken out; all of it if no *numbers* are given.

    Args:
        numbers: of the removed texts, the first is 1.

    Raises:
        NotFound: there is no such transcript, or nothing with such a number was removed.
    """
    transcript = transcripts.get(reference)
    wanted = set(numbers) or range(1, len(transcript.removed) + 1)
    version = transcripts.save(restored(transcript, wanted))
    return Revised(transcript.id, version)


def accept_names(transcripts: TranscriptRepository, reference: str) -> Revised:
    """Give speakers the names that a language model proposed.

    Raises:
        NotFound: there is no such transcript, or no name was proposed.
    """
    transcript = transcripts.get(reference)
    proposed = transcript.notes.names if transcript.notes else ()
    if not proposed:
        raise NotFound("proposed name", transcript.id)
    names = {each.speaker: each.name for each in proposed}
    version = transcripts.save(with_names(transcript, names))
    return Revised(transcript.id, version)
