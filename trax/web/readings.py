"""Events for everybody who listens: what many wait for is read, and written out, once."""

import asyncio
from dataclasses import dataclass

from fastapi.sse import ServerSentEvent, format_sse_event
from starlette.concurrency import run_in_threadpool

from trax.store import EventOf, EventRepository, JobEvent
from trax.store.sight import Sight
from trax.web.views.events import EventView


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that are sent together.

    Attributes:
        last: the id of the newest.
        data: all of them as a stream has them.
    """

    last: int
    data: bytes


_Key = tuple[int, Sight]


class Readings:
    """Reads events, once for all who ask for the same at the same time."""

    def __init__(self, events: EventRepository) -> None:
        self._events = events
        self._open: dict[_Key, asyncio.Task[Batch | None]] = {}

    async def after(self, event_id: int, sight: Sight) -> Batch | None:
        """Events since the one with that id, as many as are read at once, of jobs that are seen;
        ``None`` if there are none.
        """
        key = (event_id, sight)
        joined = self._open.get(key)
        if joined is not None and (found := await asyncio.shield(joined)):
            return found
        # One that had begun before may have been too early; one that begins now is not.
        return await asyncio.shield(self._open.get(key) or self._begun(key))

    def _begun(self, key: _Key) -> asyncio.Task[Batch | None]:
        task = asyncio.create_task(self._read(key))
        self._open[key] = task
        return task

    async def _read(self, key: _Key) -> Batch | None:
        try:
            found = await run_in_threadpool(self._events.after, *key)
        finally:
            del self._open[key]
        if not found:
            return None
        return Batch(found[-1].event.id, b"".join(map(_written, found)))


def _written(each: EventOf) -> bytes:
    event = each.event
    data = EventView.of(each.job_id, event).model_dump_json()
    return format_sse_event(data_str=data, event=event.kind, id=str(event.id))


def sent(job_id: str, event: JobEvent) -> ServerSentEvent:
    """An event as it is sent."""
    data = EventView.of(job_id, event).model_dump_json()
    return ServerSentEvent(raw_data=data, event=event.kind, id=str(event.id))
