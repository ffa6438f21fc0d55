"""All documents that are open in this process: opened, kept up, saved and closed."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from trax.errors import NotFound, TraxError
from trax.service import coediting, saving
from trax.store.comments import CommentRepository
from trax.store.documents import CHANNEL, DocumentRepository, RoomUpdate
from trax.web.coediting import peers
from trax.web.coediting.peers import Peer
from trax.web.coediting.rooms import LAST_MOMENTS, OpenDocument
from trax.web.views.comments import CommentList
from trax.work.workspace import Workspace

_REST = 5.0  # seconds without a key after which a document is saved
_LONGEST = 60.0  # seconds after which it is saved though somebody goes on
_GLANCE = 1.0  # seconds between looks for what is to be saved, and for versions of others
_GRACE = 10.0  # seconds that a document stays open after the last one has left
_SAVES = 4  # at a time
_RETRY = 5.0  # seconds after which a save that failed is tried again
_ENDING = 1012

_log = logging.getLogger("trax")


class OpenDocuments:
    """The documents that somebody has open."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = DocumentRepository(workspace.database)
        self._comments = CommentRepository(workspace.database)
        self._open: dict[str, OpenDocument] = {}
        self._left_at: dict[str, float] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._saving = asyncio.Semaphore(_SAVES)
        self._early: dict[str, list[int]] = {}  # updates of others that came while one was opened
        self._origin = uuid4().hex
        self._closed = threading.Event()

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    @asynccontextmanager
    async def joined(self, document_id: str, peer: Peer) -> AsyncIterator[OpenDocument]:
        """A document, open for somebody.

        Raises:
            NotFound: there is none with this id.
        """
        found = await self._opened(document_id)
        found.join(peer)
        self._left_at.pop(document_id, None)
        try:
            yield found
        finally:
            found.leave(peer)
            if not found.peers:
                self._left_at[document_id] = time.monotonic()

    async def save(self, document_id: str) -> int | None:
        """Save a document; gives the version that it is now, ``None`` if somebody else saves it.

        Raises:
            TraxError: it cannot be saved now.
        """
        before = self._open.get(document_id)
        marks = (before.changed_at, before.unsaved_since) if before else None
        saved = await run_in_threadpool(saving.save, self._workspace, document_id)
        if saved is None:
            return None
        if document_id in self._early:
            self._early[document_id] += [each.seq for each in saved.updates]
        found = self._open.get(document_id)
        if found is not None:
            if found is before and marks == (found.changed_at, found.unsaved_since):
                found.changed_at = found.unsaved_since = None
            await found.hear(saved.updates)
            if saved.version != found.base:
                found.base = saved.version
                found.tell(_told(saved))
        await run_in_threadpool(coediting.compact, self._workspace, document_id)
        return saved.version

    async def comments_changed(self, transcript_id: str) -> None:
        """Tell whoever has a transcript open what is said about it now, here and elsewhere."""
        await self._tell_comments(transcript_id)
        payload = json.dumps([self._origin, transcript_id, None])
        await run_in_threadpool(self._store.tell, payload)

    async def comments(self, transcript_id: str) -> dict[str, Any]:
        """What is said about a transcript, as it is told."""
        found = await run_in_threadpool(self._comments.of, transcript_id)
        return {"type": "comments", **CommentList.of(found).model_dump(mode="json")}

    async def _tell_comments(self, transcript_id: str) -> None:
        for document in list(self._open.values()):
            if document.document.transcript_id == transcript_id:
                document.tell(await self.comments(transcript_id))

    async def watch(self) -> None:
        """Save and close documents, until this is cancelled."""
        thread = threading.Thread(
            target=self._listen, args=(asyncio.get_running_loop(),), name="documents", daemon=True
        )
        if self._workspace.database.kind == "postgresql":
            thread.start()
        try:
            while True:
                await asyncio.sleep(_GLANCE)
                for document in list(self._open.values()):
                    self._look(document)
        finally:
            self._closed.set()

    async def close(self) -> None:
        """Save and close everything."""
        await asyncio.gather(*self._looking.values(), return_exceptions=True)
        for document in list(self._open.values()):
            if document.changed_at is not None:
                await self._save_quietly(document)
            await document.close(_ENDING)
        self._open.clear()

    async def _opened(self, document_id: str) -> OpenDocument:
        lock = self._opening.setdefault(document_id, asyncio.Lock())
        async with lock:
            if document_id not in self._open:
                early = self._early[document_id] = []
                try:
                    opened = self._open[document_id] = await self._loaded(document_id)
                finally:
                    del self._early[document_id]
                await self._take(opened, early)
        self._opening.pop(document_id, None)
        return self._open[document_id]

    async def _loaded(self, document_id: str) -> OpenDocument:
        document = await run_in_threadpool(self._store.get, document_id)
        kept = await run_in_threadpool(self._store.load, document_id)
        # A document belongs to the thread that made it.
        rooms = await coediting.loaded_in_turns(kept)
        opened = OpenDocument(self._workspace, document, rooms, self._origin)
        opened.base = coediting.base_of(rooms)
        if kept.seq > document.saved_seq:
            opened.changed_at = opened.unsaved_since = time.monotonic()
        return opened

    def _look(self, document: OpenDocument) -> None:
        """Look after a document, unless that is being done: a long save holds up no other one."""
        name = document.document.id
        if name not in self._looking:
            task = self._looking[name] = asyncio.create_task(self._look_after(document))
            task.add_done_callback(lambda _task: self._looking.pop(name))

    async def _look_after(self, document: OpenDocument) -> None:
        now = time.monotonic()
        if now < document.retried_at:
            return
        is_left = not document.peers
        if document.changed_at is not None and document.unsaved_since is not None:
            is_resting = now - document.changed_at >= _REST
            if is_left or is_resting or now - document.unsaved_since >= _LONGEST:
                await self._save_quietly(document)
        elif await run_in_threadpool(self._is_behind, document):
            await self._save_quietly(document)
        left_at = self._left_at.get(document.document.id, now)
        if is_left and document.changed_at is None and now - left_at >= _GRACE:
            self._open.pop(document.document.id, None)
            self._left_at.pop(document.document.id, None)
            await document.close(_ENDING)

    def _is_behind(self, document: OpenDocument) -> bool:
        """Whether there is a newer version than the document was last saved as."""
        try:
            newest = self._workspace.repository.versions(document.document.transcript_id)[0]
        except TraxError as error:
            _log.debug("the newest version is not known: %s", error)
            return False
        return newest.version != document.base

    async def _save_quietly(self, document: OpenDocument) -> None:
        try:
            async with self._saving:
                await self.save(document.document.id)
        except NotFound:
            await document.close(peers.REPLACED)
            self._open.pop(document.document.id, None)
        except LAST_MOMENTS:
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of Rust's is no Exception
            # One that cannot be saved must not keep others from it.
            _log.warning("a shared document is saved later: %s", error)
            document.retried_at = time.monotonic() + _RETRY

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear of updates that other services keep, until the application ends."""
        for payload in self._workspace.database.notices(CHANNEL, self._closed):
            asyncio.run_coroutine_threadsafe(self._heard(payload), loop)

    async def _heard(self, payload: str | None) -> None:
        """Take updates of another service; with no payload, all that may have been missed."""
        if payload is None:
            for document in list(self._open.values()):
                await self._catch_up(document)
            return
        origin, document_id, numbers = json.loads(payload)
        if numbers is None and origin != self._origin:
            await self._tell_comments(document_id)
            return
        if origin == self._origin:
            return
        if document_id in self._early:
            self._early[document_id] += numbers
        elif document_id in self._open:
            await self._take(self._open[document_id], numbers)

    async def _take(self, document: OpenDocument, numbers: Sequence[int]) -> None:
        """Take updates of another service; all there is, if some of them are a state by now."""
        if not numbers:
            return
        found = await run_in_threadpool(self._store.some, document.document.id, numbers)
        if len(found) == len(set(numbers)):
            await document.hear(found)
        else:
            await self._catch_up(document)

    async def _catch_up(self, document: OpenDocument) -> None:
        kept = await run_in_threadpool(self._store.load, document.document.id)
        states = [
            RoomUpdate(room=room, data=data, author=coediting.SERVICE)
            for room, data in kept.states.items()
        ]
        await document.hear([*states, *kept.updates])


def _told(saved: saving.Saved) -> dict[str, Any]:
    """What pages hear of a version: new words' times, and what is not to be heard any more."""
    return {
        "type": "saved",
        "version": saved.version,
        "times": saved.words,
        "silenced": [[span.start, span.end] for span in saved.silenced],
    }
