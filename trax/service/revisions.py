"""What people change in a transcript. Each change makes a new version, and is kept for ever.

A change is made on a version: by default the newest one, or *base_version*, the one that whoever
asks has seen. If somebody else saved another version meanwhile, nothing is saved: `Conflict`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trax.errors import InvalidOption, NotFound
from trax.revision import Operation, Rename, Restore, Sheet, Wish, Write, operation_for, undone
from trax.revision.removed import restoring
from trax.revision.speakers import speaker_merged
from trax.store import Revision, RevisionRepository
from trax.store.revisions import Author, Change, RevisionKind, author_here
from trax.transcript import Transcript
from trax.transcript.codec import to_json

MOST_OPERATIONS = 10_000
"""Operations in one change."""

LONGEST_NAME = 200
"""Characters of a version's name."""

_NULL = b"\\u0000"

Wishes = Callable[[Transcript], Iterable[Wish]]
"""Tells what is to be done to a transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """Where changes are kept, and for whom.

    Attributes:
        revisions: keeps them.
        author: whoever makes them.
        base_version: that they have seen; ``None`` is whatever is newest.
    """

    revisions: RevisionRepository
    author: Author
    base_version: int | None = None


def edits_here(revisions: RevisionRepository) -> Edits:
    """Changes by the user that this process runs for, of whatever is newest."""
    return Edits(revisions=revisions, author=author_here())


def edit(edits: Edits, reference: str, wishes: Iterable[Wish], name: str | None = None) -> Revision:
    """Apply operations, one after the other.

    Args:
        name: for the version that this makes.

    Raises:
        NotFound: there is no such transcript, or no word with an id that an operation names.
        InvalidOption: an operation makes no sense, or there is none.
        Conflict: the transcript was changed meanwhile.
    """
    checked = _checked_name(name)
    return _operated(edits, reference, RevisionKind.EDIT, lambda _document: wishes, checked)


def edit_by(edits: Edits, reference: str, wishes: Wishes) -> Revision:
    """Apply what *wishes* tells of the version that is changed, as one change.

    Raises:
        NotFound: there is no such transcript, or what *wishes* asks for.
        InvalidOption: an operation makes no sense, or there is none.
        Conflict: the transcript was changed meanwhile.
    """
    return _operated(edits, reference, RevisionKind.EDIT, wishes)


def undo(edits: Edits, reference: str, version: int) -> Revision:
    """Take back one change, if those after it allow it.

    Raises:
        NotFound: nobody's change made that version, or words of it are gone.
        InvalidOption: no operations take it back, or they make no sense any more.
        Conflict: the transcript was changed meanwhile.
    """
    taken = edits.revisions.get(reference, version)
    if taken.inverse is None:
        raise InvalidOption(f"version {version} cannot be taken back by itself; restore another")
    back = taken.inverse
    return _operated(edits, reference, RevisionKind.UNDO, lambda _document: back)


def restore_version(edits: Edits, reference: str, version: int) -> Revision:
    """Make everything as it was in an earlier version; what came since stays in the history.

    Raises:
        NotFound: there is no such transcript or version.
        InvalidOption: it is the newest one.
        Conflict: the transcript was changed meanwhile.
    """
    transcripts = edits.revisions.transcripts
    newest = transcripts.versions(reference)[0]
    base = newest.version if edits.base_version is None else edits.base_version
    if version == base:
        raise InvalidOption(f"version {version} is the newest one already")
    change = Change(
        document=transcripts.get(newest.id, version),
        kind=RevisionKind.RESTORE,
        author=edits.author,
        restored=version,
    )
    return edits.revisions.save(change, base)


def undo_edits(edits: Edits, reference: str, numbers: Iterable[int] = ()) -> Revision:
    """Put back what a language model's edits replaced; all of them if no *numbers* are given.

    Args:
        numbers: of the edits, the first is 1.

    Raises:
        NotFound: there is no such transcript, or no such edit was made.
        InvalidOption: the words of an edit were changed again since.
        Conflict: the transcript was changed meanwhile.
    """
    document, base = base_of(edits, reference)
    change = Change(
        document=undone(document, numbers),
        kind=RevisionKind.MODEL_UNDONE,
        author=edits.author,
    )
    return edits.revisions.save(change, base)


def restore_removed(edits: Edits, reference: str, numbers: Iterable[int] = ()) -> Revision:
    """Put text back that was taken out; all of it if no *numbers* are given.

    Args:
        numbers: of the removed texts, the first is 1.

    Raises:
        NotFound: there is no such transcript, or nothing with such a number was removed.
        Conflict: the transcript was changed meanwhile.
    """
    chosen = set(numbers)

    def restores(document: Transcript) -> list[Restore]:
        return restoring(document, chosen)

    return _operated(edits, reference, RevisionKind.REMOVED, restores)


def accept_names(edits: Edits, reference: str) -> Revision:
    """Give speakers the names that a language model proposed.

    Raises:
        NotFound: there is no such transcript, or no name was proposed.
        Conflict: the transcript was changed meanwhile.
    """

    def renames(document: Transcript) -> list[Rename]:
        proposed = document.notes.names if document.notes else ()
        if not proposed:
            raise NotFound("proposed name", document.id)
        return [Rename(speaker=each.speaker, name=each.name) for each in proposed]

    return _operated(edits, reference, RevisionKind.NAMES, renames)


def merge_speakers(edits: Edits, reference: str, speaker: str, into: str) -> Revision:
    """Give everything that one speaker says to another.

    Raises:
        NotFound: there is no such transcript or speaker.
        InvalidOption: both are the same, or nothing would change.
        Conflict: the transcript was changed meanwhile.
    """

    def merging(document: Transcript) -> list[Operation]:
        return [speaker_merged(document, speaker, into)]

    return edit_by(edits, reference, merging)


def name_version(
    revisions: RevisionRepository, reference: str, version: int, name: str | None
) -> Revision:
    """Name the version that somebody's change made; ``None`` takes the name away.

    Raises:
        NotFound: nobody's change made that version.
        InvalidOption: the name is empty or too long.
    """
    return revisions.rename(reference, version, _checked_name(name))


def _operated(
    edits: Edits, reference: str, kind: RevisionKind, wishes: Wishes, name: str | None = None
) -> Revision:
    document, base = base_of(edits, reference)
    wanted = list(wishes(document))
    if not wanted:
        raise InvalidOption("there is nothing to do")
    if len(wanted) > MOST_OPERATIONS:
        raise InvalidOption(f"one change has at most {MOST_OPERATIONS} operations")
    made, operations, back = changed(document, wanted)
    change = Change(
        document=made,
        kind=kind,
        author=edits.author,
        operations=operations,
        inverse=back,
        name=name,
    )
    return edits.revisions.save(change, base)


def changed(
    document: Transcript, wishes: Sequence[Wish]
) -> tuple[Transcript, tuple[Operation, ...], tuple[Operation, ...]]:
    """As `applied`, of what can be kept and exported.

    Raises:
        NotFound: no word has an id that a wish names.
        InvalidOption: a wish makes no sense, or leaves a document that is no transcript.
    """
    made, operations, back = written(document, wishes)
    if _in_order(document) and not _in_order(made):
        raise InvalidOption("segments would no longer follow one another in time")
    return made, operations, back


def written(
    document: Transcript, wishes: Sequence[Wish]
) -> tuple[Transcript, tuple[Operation, ...], tuple[Operation, ...]]:
    """As `changed`, of what stands there already as people want it: where several speak at once,
    segments may begin out of order.

    Raises as `changed` does.
    """
    made, operations, back = applied(document, wishes)
    check_kept(made, operations)
    return made, operations, back


def applied(
    document: Transcript, wishes: Sequence[Wish]
) -> tuple[Transcript, tuple[Operation, ...], tuple[Operation, ...]]:
    """The document after *wishes*, the operations that they came to, and what takes them back."""
    operations: list[Operation] = []
    back: list[Operation] = []
    sheet = Sheet(document)
    for wish in wishes:
        operation = operation_for(sheet.transcript, wish) if isinstance(wish, Write) else wish
        back.append(sheet.inverse(operation))
        sheet.apply(operation)
        operations.append(operation)
    return sheet.transcript, tuple(operations), tuple(reversed(back))


def check_kept(document: Transcript, operations: Sequence[Operation]) -> None:
    """Refuse what no database or export could hold.

    Raises:
        InvalidOption: a confidence is no probability, a text has a null byte.
    """
    if any(_NULL in to_json(each) for each in operations):
        raise InvalidOption("a text has a null byte in it")
    for word in document.words:
        for share in (word.confidence, word.speaker_confidence):
            if share is not None and not 0.0 <= share <= 1.0:
                raise InvalidOption(f"the confidence of {word.text!r} is not between 0 and 1")


def _in_order(document: Transcript) -> bool:
    starts = [segment.words[0].start for segment in document.segments if segment.words]
    return all(one <= other for one, other in pairwise(starts))


def base_of(edits: Edits, reference: str) -> tuple[Transcript, int]:
    """The document that is changed, and its version.

    Raises:
        NotFound: there is no such transcript or version.
    """
    transcripts = edits.revisions.transcripts
    newest = transcripts.versions(reference)[0]
    base = newest.version if edits.base_version is None else edits.base_version
    return transcripts.get(newest.id, base), base


def _checked_name(name: str | None) -> str | None:
    if name is None:
        return None
    stripped = name.strip()
    if not stripped or len(stripped) > LONGEST_NAME:
        raise InvalidOption(f"a version's name has 1 to {LONGEST_NAME} characters")
    return stripped
