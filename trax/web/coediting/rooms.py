"""Documents that are open: each change is kept before anybody else sees it."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from trax.errors import NotFound, StoreError, TraxError
from trax.service import coediting
from trax.store.documents import DocumentRepository, RoomUpdate, SharedDocument
from trax.web.coediting import peers, wire
from trax.web.coediting.peers import Peer
from trax.web.coediting.wire import Kind, Message, Presence, Step
from trax.web.views.coediting import PersonView
from trax.work.workspace import Workspace

if TYPE_CHECKING:
    from pycrdt import Doc

META = "meta"

LAST_MOMENTS = (KeyboardInterrupt, SystemExit, asyncio.CancelledError, GeneratorExit)
"""What ends a task or the process: everything else is about one document."""

_AT_ONCE = 200  # messages that are kept in one transaction
_WAITING = 2000  # messages
_MOST_CLIENTS = 4  # of one connection
_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class _Come:
    """A message of somebody."""

    peer: Peer
    message: Message


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """Updates that are kept already: of the service, or of another one."""

    updates: Sequence[RoomUpdate]


class OpenDocument:
    """One document, its rooms and whoever is there. All of it lives in one task.

    Attributes:
        peers: whoever has it open.
        base: version that it was last saved as.
        changed_at: when somebody last wrote; ``None`` if a version has it all.
        unsaved_since: when somebody first wrote what no version has.
        retried_at: before that it is not saved again, as that has just failed.
    """

    def __init__(
        self,
        workspace: Workspace,
        document: SharedDocument,
        rooms: "dict[str, Doc[Any]]",
        origin: str,
    ) -> None:
        self.document = document
        self.peers: set[Peer] = set()
        self.base = 0
        self.changed_at: float | None = None
        self.unsaved_since: float | None = None
        self.retried_at = 0.0
        self._store = DocumentRepository(workspace.database)
        self._rooms = rooms
        self._origin = origin
        self._inbox: asyncio.Queue[_Come | _Elsewhere] = asyncio.Queue(_WAITING)
        self._task = asyncio.create_task(self._run())

    async def take(self, peer: Peer, message: Message) -> None:
        """Take a message of somebody; waits while many wait."""
        await self._inbox.put(_Come(peer, message))

    async def hear(self, updates: Sequence[RoomUpdate]) -> None:
        """Take updates that are kept already."""
        if updates:
            await self._inbox.put(_Elsewhere(updates))

    def tell(self, told: Mapping[str, Any]) -> None:
        """Tell everybody who is there."""
        for peer in self.peers:
            peer.tell(told)

    def join(self, peer: Peer) -> None:
        """Somebody comes."""
        self.peers.add(peer)

    def leave(self, peer: Peer) -> None:
        """Somebody goes; the others learn of it."""
        self.peers.discard(peer)
        gone = [Presence(each.client, each.clock + 1, None) for each in peer.presences.values()]
        if gone:
            self._spread(META, wire.awareness(META, gone), but=peer)

    async def close(self, code: int) -> None:
        """End every connection and stop."""
        for peer in self.peers:
            peer.close(code)
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            batch = [await self._inbox.get()]
            while len(batch) < _AT_ONCE and not self._inbox.empty():
                batch.append(self._inbox.get_nowait())
            if await self._is_done(batch):
                continue
            for item in batch:
                if not await self._is_done([item]) and isinstance(item, _Come):
                    item.peer.close(peers.AGAIN)

    async def _is_done(self, batch: Sequence[_Come | _Elsewhere]) -> bool:
        """Do what a few messages ask for; if that fails, everything is as it is kept."""
        try:
            await self._work(batch)
        except LAST_MOMENTS:
            raise
        except NotFound:
            self._lose(peers.REPLACED)
        except StoreError as error:
            _log.warning("what was written together is not kept: %s", error)
            self._lose(peers.AGAIN)
            await self._read_again()
        except BaseException as error:  # noqa: BLE001 - a panic of Rust's is no Exception
            # What failed may have been half done, by Rust's panic as well: nothing of it holds.
            _log.warning("a message about a shared document is refused: %s", error)
            await self._read_again()
            return False
        return True

    def _lose(self, code: int) -> None:
        """Who is there comes again, and sends what is missing."""
        for peer in list(self.peers):
            peer.close(code)

    async def _read_again(self) -> None:
        try:
            kept = await run_in_threadpool(self._store.load, self.document.id)
        except TraxError as error:
            _log.warning("a shared document cannot be read: %s", error)
            self._lose(peers.AGAIN)
            return
        self._rooms = await coediting.loaded_in_turns(kept)

    async def _work(self, batch: Sequence[_Come | _Elsewhere]) -> None:
        """Do what a few messages ask for, all changes in one transaction."""
        new: list[tuple[Peer, RoomUpdate]] = []
        others: list[RoomUpdate] = []
        for item in batch:
            if isinstance(item, _Elsewhere):
                others += [each for each in item.updates if self._applied(each.room, each.data)]
            elif item.message.step in (Step.MISSING, Step.UPDATE):
                new += [(item.peer, each) for each in self._changes(item)]
        if new:
            updates = [each for _, each in new]
            await run_in_threadpool(self._store.put, self.document.id, updates, self._origin)
            self._note_change()
        for peer, update in new:
            self._spread(update.room, _as_message(update), but=peer)
        for update in others:
            self._spread(update.room, _as_message(update))
            if update.author != coediting.SERVICE:
                self._note_change()
        self._answer(batch)

    def _note_change(self) -> None:
        self.changed_at = time.monotonic()
        self.unsaved_since = self.unsaved_since or self.changed_at

    def _answer(self, batch: Sequence[_Come | _Elsewhere]) -> None:
        for item in batch:
            if not isinstance(item, _Come):
                continue
            room = item.message.room
            if item.message.kind is Kind.AWARENESS:
                self._present(item.peer, item.message)
            elif item.message.step is Step.STATE:
                self._show(item.peer, room, item.message.data)
            elif room in self._rooms:
                item.peer.counts[room] = item.peer.counts.get(room, 0) + 1
                item.peer.send(wire.stored(room, item.peer.counts[room]))

    def _changes(self, come: _Come) -> list[RoomUpdate]:
        """What a message changes, once it is done here."""
        room, data = come.message.room, come.message.data
        if room not in self._rooms:
            return []
        is_new = self._applied(room, data)
        # One that says nothing new may wait for others: it must not be lost.
        if is_new or come.message.step is Step.UPDATE:
            return [RoomUpdate(room=room, data=data, author=come.peer.author)]
        return []

    def _applied(self, room: str, data: bytes) -> bool:
        """Apply an update; whether it said something new."""
        if room not in self._rooms:
            return False
        doc = self._rooms[room]
        seen: list[bytes] = []
        subscription = doc.observe(lambda event: seen.append(event.update))
        try:
            doc.apply_update(data)
        finally:
            doc.unobserve(subscription)
        return bool(seen)

    def _show(self, peer: Peer, room: str, state: bytes) -> None:
        """Give somebody what they lack of a room, and ask for what is missing here."""
        if room not in self._rooms:
            return
        doc = self._rooms[room]
        peer.rooms.add(room)
        peer.send(wire.content(room, Step.MISSING, doc.get_update(state)))
        peer.send(wire.content(room, Step.STATE, doc.get_state()))
        if room == META:
            found = [each for other in self.peers for each in other.presences.values()]
            if found:
                peer.send(wire.awareness(META, found))

    def _present(self, peer: Peer, message: Message) -> None:
        """Pass on what somebody says of themselves, under their own name."""
        if message.room != META:
            return
        user = PersonView.of(peer.author).model_dump()
        shown: list[Presence] = []
        for each in wire.presences(message.data):
            if any(each.client in other.presences for other in self.peers - {peer}):
                continue
            state = None if each.state is None else {**each.state, "user": user}
            presence = Presence(each.client, each.clock, state)
            shown.append(presence)
            if state is None:
                peer.presences.pop(each.client, None)
            elif len(peer.presences) < _MOST_CLIENTS or each.client in peer.presences:
                peer.presences[each.client] = presence
        if shown:
            self._spread(META, wire.awareness(META, shown), but=peer)

    def _spread(self, room: str, message: bytes, but: Peer | None = None) -> None:
        for peer in self.peers:
            if peer is not but and room in peer.rooms:
                peer.send(message)


def _as_message(update: RoomUpdate) -> bytes:
    return wire.content(update.room, Step.UPDATE, update.data)
