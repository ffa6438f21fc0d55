"""Events for everybody who listens: what many wait for is read, and written out, once."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from fastapi.sse import KEEPALIVE_COMMENT, ServerSentEvent, format_sse_event
from starlette.concurrency import run_in_threadpool

from trax.errors import StoreError
from trax.store import EventOf, EventRepository, JobEvent
from trax.store.sight import Sight
from trax.web.bells import EVERY_JOB, Bells, heard
from trax.web.views.events import EventView

_PATIENCE = 5.0  # seconds before a look when nobody rings, and a sign of life
_REMEMBERED = 100  # batches, for those who are a little behind


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that are sent together.

    Attributes:
        before: the id of the event that comes before the first.
        first: the id of the oldest.
        last: the id of the newest.
        data: all of them as a stream has them.
    """

    before: int
    first: int
    last: int
    data: bytes


class Readings:
    """Reads events, once for all who see the same."""

    def __init__(self, events: EventRepository, bells: Bells) -> None:
        self._events = events
        self._bells = bells
        self._tails: dict[Sight, _Tail] = {}

    async def follow(self, last: int, sight: Sight) -> AsyncIterator[bytes]:
        """Events since *last* of jobs that are seen, as a stream has them, and a sign of life now
        and then; until the service ends, or the database is away.
        """
        tail = self._tails.get(sight)
        if tail is None or tail.is_over:
            tail = self._tails[sight] = _Tail(self._events, self._bells, sight)
        tail.listeners += 1
        try:
            async for data in tail.follow(last):
                yield data
        finally:
            tail.listeners -= 1
            if not tail.listeners:
                tail.close()
                if self._tails.get(sight) is tail:
                    del self._tails[sight]


class _Tail:
    """The newest events of jobs that are seen, read by one task for all who listen.

    Attributes:
        listeners: how many there are.
    """

    def __init__(self, events: EventRepository, bells: Bells, sight: Sight) -> None:
        self.listeners = 0
        self._events = events
        self._bells = bells
        self._sight = sight
        self._last = 0
        self._signs = 0  # of life
        self._batches: deque[Batch] = deque(maxlen=_REMEMBERED)
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    @property
    def is_over(self) -> bool:
        """Whether nothing more is read."""
        return self._task.done()

    def close(self) -> None:
        """Read nothing more."""
        self._task.cancel()

    async def follow(self, last: int) -> AsyncIterator[bytes]:
        """Events since *last*; from what is remembered, or read anew for who is far behind.

        What was read before somebody came is read again: they may see less than was seen then.
        """
        came = self._last
        while True:
            news, reached, signs = self._news, self._last, self._signs
            batch = self._after(last) if last >= came else None
            if batch is None and last < reached:
                try:
                    batch = await self._next(last)
                except StoreError:
                    return  # whoever listens comes again
            if batch is not None:
                last = batch.last
                yield batch.data
                continue
            last = max(last, reached)
            if self.is_over:
                return
            await news.wait()
            if self._signs != signs:
                yield KEEPALIVE_COMMENT

    def _after(self, last: int) -> Batch | None:
        """The remembered batch that goes on where somebody is."""
        for batch in self._batches:
            if batch.first > last:
                return batch if batch.before <= last else None
        return None

    async def _read(self) -> None:
        """Read what is new whenever a bell rings, and wake everybody."""
        try:
            with suppress(StoreError), self._bells.listening(EVERY_JOB) as bell:
                self._last = await run_in_threadpool(self._events.newest)
                self._wake()
                while not self._bells.closed:
                    await self._look(bell)
        finally:
            asyncio.get_running_loop().call_soon(self._wake)  # once this is over

    async def _look(self, bell: asyncio.Event) -> None:
        """Read what is new, or else wait for it."""
        batch = await self._next(self._last)
        if batch is not None:
            self._last = batch.last
            self._batches.append(batch)
        elif await heard(bell, _PATIENCE):
            return
        else:
            self._signs += 1
        self._wake()

    async def _next(self, last: int) -> Batch | None:
        found = await run_in_threadpool(self._events.after, last, self._sight)
        if not found:
            return None
        ids = (found[0].event.id, found[-1].event.id)
        return Batch(last, *ids, b"".join(map(_written, found)))

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _written(each: EventOf) -> bytes:
    event = each.event
    data = EventView.of(each.job_id, event).model_dump_json()
    return format_sse_event(data_str=data, event=event.kind, id=str(event.id))


def sent(job_id: str, event: JobEvent) -> ServerSentEvent:
    """An event as it is sent."""
    data = EventView.of(job_id, event).model_dump_json()
    return ServerSentEvent(raw_data=data, event=event.kind, id=str(event.id))
