"""Saves shared documents as versions, one at a time, whatever becomes of whoever saves."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from trax.errors import Busy, Conflict, StoreError, TraxError
from trax.revision import Insert, Misfit, rebase
from trax.service.coediting import SERVICE, check_parts, known_base, loaded
from trax.service.leases import Lease, leased
from trax.service.links import is_guest
from trax.service.revisions import check_kept, written
from trax.store.documents import DocumentRepository, Kept, RoomUpdate, SharedDocument
from trax.store.revisions import Author, Change, RevisionKind
from trax.transcript import Span, Transcript
from trax.work.workspace import Workspace

if TYPE_CHECKING:
    from trax.coediting.deriving import Derived, Shared

_TRIES = 3
_UNUSED = timedelta(days=30)

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving a document came to.

    Attributes:
        version: that the document is now.
        updates: that were written into it, kept already.
        words: those that are new in it.
        silenced: what is deleted with its sound in it.
    """

    version: int
    updates: Sequence[RoomUpdate]
    words: Sequence[tuple[str, float, float]]
    silenced: Sequence[Span] = ()


def save(workspace: Workspace, document_id: str) -> Saved | None:
    """Save what a document says as a version, by those who wrote, and bring it to the newest
    version if that is another; ``None`` if somebody else is doing so.

    Where nothing was changed no version is made.

    Raises:
        NotFound: the document or its transcript is gone.
    """
    check_parts()
    store = DocumentRepository(workspace.database)
    with leased(workspace.database, document_id) as lease:
        if lease is None:
            store.get(document_id)
            return None
        seq = 0
        try:
            document = store.get(document_id)
            kept = store.load(document_id)
            found = _saved(workspace, document, kept, lease)
            seq = kept.seq
            if found.updates:
                put = store.put(document_id, found.updates, fence=lease.check)
                found = replace(found, updates=put)
                seq = _until(store, document_id, found, seq)
            return found
        except Busy as error:
            _log.info("a shared document is saved elsewhere: %s", error)
            return None
        finally:
            lease.give_back(seq)


def _until(store: DocumentRepository, document_id: str, found: Saved, seq: int) -> int:
    """The last update that a version has: that of the service, unless others of this document came
    in between.
    """
    mine = [each.seq for each in found.updates]
    since = [each.seq for each in store.since(document_id, seq) if each.seq <= mine[-1]]
    return mine[-1] if since == mine else seq


def take_over(workspace: Workspace, age: timedelta = timedelta(0)) -> None:
    """Save what a service that died has left.

    Args:
        age: of what is left: what others typed just now they save themselves.
    """
    for document in DocumentRepository(workspace.database).unsaved(age):
        try:
            save(workspace, document.id)
        except StoreError:
            raise
        except TraxError as error:
            _log.warning("a shared document is saved later: %s", error)


def drop_unused(workspace: Workspace) -> None:
    """Drop documents that nobody has opened for long: the next to open one gets a new one."""
    DocumentRepository(workspace.database).drop_unused(datetime.now(UTC) - _UNUSED)


def _saved(workspace: Workspace, document: SharedDocument, kept: Kept, lease: Lease) -> Saved:
    """A version of what the document says, and the updates that bring the document to it."""
    from trax.coediting import documents
    from trax.coediting.archive import Archive
    from trax.coediting.bringing import bring
    from trax.coediting.deriving import derive
    from trax.service.typed_together import heard

    repository = workspace.repository
    rooms = loaded(kept)
    said = documents.read(rooms)
    stated = documents.base_of(rooms[documents.META])
    base = known_base(workspace, document, stated)
    before = repository.get(document.transcript_id, base)
    archive = Archive([_opened(workspace, document), before])
    found = _said_already(workspace, document, before, base, said)
    if found is None:
        derived = heard(workspace, before, derive(before, archive, said))
        authors = _authors(document, kept)
        found = _kept(workspace, (before, base), derived, authors, lease)
    made, version = found
    archive.keep(made)
    updates: list[RoomUpdate] = []
    for room, doc in rooms.items():
        doc.observe(_noting(room, updates))
    bring(rooms, made, archive, said.lines)
    if version != stated:
        documents.set_base(rooms[documents.META], version)
    known = {word.id for word in before.words}
    new = [(word.id, word.start, word.end) for word in made.words if word.id not in known]
    return Saved(version, updates, new, made.silenced)


def _said_already(
    workspace: Workspace,
    document: SharedDocument,
    before: Transcript,
    base: int,
    said: "Shared",
) -> tuple[Transcript, int] | None:
    """The newest version, if it is another than the base and says what the document says: a service
    saved it and died before the document knew.
    """
    from trax.coediting.archive import Archive
    from trax.coediting.deriving import derive

    newest = workspace.repository.versions(document.transcript_id)[0]
    if newest.version == base:
        return None
    made = workspace.repository.get(newest.id, newest.version)
    archive = Archive([_opened(workspace, document), before, made])
    return None if derive(made, archive, said).operations else (made, newest.version)


def _noting(room: str, updates: list[RoomUpdate]) -> Any:
    def note(event: Any) -> None:
        updates.append(RoomUpdate(room=room, data=event.update, author=SERVICE))

    return note


def _opened(workspace: Workspace, document: SharedDocument) -> Transcript:
    return workspace.repository.get(document.transcript_id, document.opened_version)


def _kept(
    workspace: Workspace,
    base: tuple[Transcript, int],
    derived: "Derived",
    authors: Sequence[Author],
    lease: Lease,
) -> tuple[Transcript, int]:
    """The newest version, with what was *derived* from the base done to it. What fits nowhere in it
    is kept as a conflict, since it goes from the document.
    """
    before, base_version = base
    revisions = workspace.revisions
    for _ in range(_TRIES):
        newest = revisions.transcripts.versions(before.id)[0]
        made, done, back = derived.transcript, derived.operations, derived.inverse
        misfits: Sequence[Misfit] = ()
        if newest.version != base_version:
            document = revisions.transcripts.get(newest.id, newest.version)
            moved = rebase(done, before, document)
            misfits = [_dated(each) for each in moved.misfits if not _is_there(each, document)]
            made, done, back = written(document, moved.operations)
        if not done:
            workspace.conflicts.add(newest.id, newest.id, misfits, lease.check)
            return made, newest.version
        check_kept(made, done)
        change = Change(
            document=made,
            kind=RevisionKind.EDIT,
            author=_all(authors),
            authors=authors if len(authors) > 1 else (),
            operations=done,
            inverse=back,
        )
        with suppress(Conflict):
            version = revisions.save(change, newest.version, lease.check).version
            workspace.conflicts.add(newest.id, newest.id, misfits, lease.check)
            return made, version
    raise Conflict(before.id, base_version, newest.version)


def _is_there(misfit: Misfit, document: Transcript) -> bool:
    """Whether it puts in words that stand there: a service may have died after it saved them."""
    operation = misfit.operation
    if not isinstance(operation, Insert):
        return False
    standing = {word.id: word.text for word in document.words}
    return all(standing.get(word.id) == word.text for word in operation.words)


def _dated(misfit: Misfit) -> Misfit:
    """The misfit with the time of the words that it puts in, if nothing else tells when."""
    operation = misfit.operation
    if misfit.span is not None or not isinstance(operation, Insert):
        return misfit
    words = operation.words
    return replace(misfit, span=Span(words[0].start, max(words[0].start, words[-1].end)))


def _authors(document: SharedDocument, kept: Kept) -> list[Author]:
    """Those who wrote since the document was saved last; of guests with one link, each name."""
    writers: Mapping[str, Author] = {
        _person(each.author): each.author
        for each in kept.updates
        if each.seq > document.saved_seq and each.author != SERVICE
    }
    return list(writers.values())


def _person(author: Author) -> str:
    is_known = author.id and not is_guest(author.id)
    return author.id if is_known else f"{author.id} {author.name}"


def _all(authors: Sequence[Author]) -> Author:
    """One author who stands for all."""
    if len(authors) == 1:
        return authors[0]
    return Author("", ", ".join(each.name for each in authors))
