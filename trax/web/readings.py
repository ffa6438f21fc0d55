"""Events for everybody who listens: what many wait for is read and written as JSON once."""

import asyncio

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from trax.store import EventRepository, JobEvent
from trax.store.sight import Sight
from trax.web.views.jobs import EventView

Batch = list[tuple[int, ServerSentEvent]]
"""Events with their ids, oldest first."""

_Key = tuple[int, Sight]


class Readings:
    """Reads events, once for all who ask for the same at the same time."""

    def __init__(self, events: EventRepository) -> None:
        self._events = events
        self._open: dict[_Key, asyncio.Task[Batch]] = {}

    async def after(self, event_id: int, sight: Sight) -> Batch:
        """Events since the one with that id, as many as are read at once, of jobs that are seen."""
        key = (event_id, sight)
        joined = self._open.get(key)
        if joined is not None and (found := await asyncio.shield(joined)):
            return found
        # One that had begun before may have been too early; one that begins now is not.
        return await asyncio.shield(self._open.get(key) or self._begun(key))

    def _begun(self, key: _Key) -> asyncio.Task[Batch]:
        task = asyncio.create_task(self._read(key))
        self._open[key] = task
        return task

    async def _read(self, key: _Key) -> Batch:
        try:
            found = await run_in_threadpool(self._events.after, *key)
        finally:
            del self._open[key]
        return [(each.event.id, sent(each.job_id, each.event)) for each in found]


def sent(job_id: str, event: JobEvent) -> ServerSentEvent:
    """An event as it is sent."""
    data = EventView.of(job_id, event).model_dump_json()
    return ServerSentEvent(raw_data=data, event=event.kind, id=str(event.id))
