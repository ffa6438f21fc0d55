"""Transcripts that several people edit at once, opened as shared documents."""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from trax.errors import AccessDenied, InvalidOption, MissingPart, NotFound
from trax.service.access import Caller
from trax.service.folders import seen
from trax.store.documents import DocumentRepository, Kept, SharedDocument
from trax.store.revisions import Author
from trax.work.workspace import Workspace

if TYPE_CHECKING:
    from pycrdt import Doc

SERVICE = Author("", "")
"""Whose what the service itself writes into a document is."""

LONGEST_NAME = 100
"""Characters of the name that somebody with a link gives."""

Part = Literal["editor", "commenter", "viewer"]
"""What somebody may do in a document: write, say something about it, or look on."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that somebody is about to work in.

    Attributes:
        base: version that it was last saved as or opened from.
        parts: rooms of its text, in order.
    """

    document: SharedDocument
    base: int
    parts: Sequence[str]


def check_parts() -> None:
    """Refuse what this installation cannot do.

    Raises:
        MissingPart: a package is missing.
    """
    if not find_spec("pycrdt"):
        raise MissingPart("editing together needs packages that trax-speech[web] installs")


def part_of(workspace: Workspace, caller: Caller, transcript_id: str) -> Part:
    """What somebody may do in the document of a transcript that they see.

    Raises:
        NotFound: they do not see it, or no longer, as their link has ended.
    """
    if caller.link is not None:
        if not workspace.links.is_in_use(caller.link):
            raise NotFound("link", caller.link.id, "it has expired or was revoked")
        if caller.link.permission == "edit":
            return "editor"
        return "commenter" if caller.link.permission == "comment" else "viewer"
    if caller.sight.is_whole:
        return "editor"
    if "write" in caller.scopes:
        with suppress(AccessDenied):
            seen(workspace, caller, "transcript", transcript_id, "editor")
            return "editor"
    seen(workspace, caller, "transcript", transcript_id, "viewer")
    return "viewer"


def check_joining(caller: Caller) -> None:
    """Refuse whoever has opened a link that shows no more than a passage or a saved version: they
    see neither who is here nor what is being typed.

    Raises:
        AccessDenied: theirs is such a link.
    """
    if caller.link is None:
        return
    if caller.link.start is not None:
        raise AccessDenied("a link to a passage shows its text alone")
    if caller.link.permission == "view":
        raise AccessDenied("a link that shows a transcript shows what is saved of it")


_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Characters that turn the direction of what follows a name."""


def author_of(caller: Caller, given: str = "") -> Author:
    """Whoever writes: a guest under the name that they give, whoever else is called so. They are
    shown as a guest; a name that is refused would tell whose names are known here.

    Raises:
        InvalidOption: it is too long.
    """
    name = " ".join(unicodedata.normalize("NFKC", given).translate(_TURNING).split())
    if caller.link is None or all(unicodedata.category(each) == "Cf" for each in name):
        return Author(caller.id, caller.name)
    if "\0" in name or len(name) > LONGEST_NAME:
        raise InvalidOption(f"a name has 1 to {LONGEST_NAME} characters")
    return Author(caller.id, name)


def open_document(workspace: Workspace, transcript_id: str) -> Opened:
    """The shared document of a transcript, made of the newest version if there is none.

    Raises:
        MissingPart: a package is missing.
        NotFound: there is no such transcript.
    """
    check_parts()
    from trax.coediting import documents

    store = DocumentRepository(workspace.database)
    newest = workspace.repository.versions(transcript_id)[0]
    found = store.find(newest.id)
    if found is None:
        made = documents.made_of(
            workspace.repository.get(newest.id, newest.version), newest.version
        )
        states = {room: doc.get_update() for room, doc in made.items()}
        found = store.add(newest.id, newest.version, states)
    meta = loaded(store.load(found.id, documents.META))
    base = known_base(workspace, found, base_of(meta))
    return Opened(found, base, documents.parts_of(store.rooms(found.id)))


def loaded(kept: Kept) -> "dict[str, Doc[Any]]":
    """The rooms of a document."""
    from trax.coediting import documents

    return {room: documents.loaded(data) for room, data in _contents(kept).items()}


async def loaded_in_turns(kept: Kept) -> "dict[str, Doc[Any]]":
    """As `loaded`; between rooms others have their turn, since a long transcript takes a while."""
    from trax.coediting import documents

    rooms = {}
    for room, data in _contents(kept).items():
        rooms[room] = documents.loaded(data)
        await asyncio.sleep(0)
    return rooms


def _contents(kept: Kept) -> dict[str, list[bytes]]:
    """What each room is made of, in order."""
    rooms: dict[str, list[bytes]] = {room: [data] for room, data in kept.states.items()}
    for update in kept.updates:
        rooms.setdefault(update.room, []).append(update.data)
    return rooms


def base_of(rooms: "Mapping[str, Doc[Any]]") -> int:
    """The version that a document was last saved as or opened from."""
    from trax.coediting import documents

    return documents.base_of(rooms[documents.META])


def compact(workspace: Workspace, document_id: str) -> bool:
    """Put states in the place of many updates; whether there were many."""
    from trax.coediting import documents

    return DocumentRepository(workspace.database).compact(document_id, documents.merged)


def known_base(workspace: Workspace, document: SharedDocument, stated: int) -> int:
    """The version that a document says it is; the one that it was made of if there never was such a
    one: any page can write there. It need not be listed any more: its changes make it again.
    """
    newest = workspace.repository.versions(document.transcript_id)[0].version
    return stated if 1 <= stated <= newest else document.opened_version
