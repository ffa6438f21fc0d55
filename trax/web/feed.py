"""Rings the bells of jobs that other processes change."""

import asyncio

from starlette.concurrency import run_in_threadpool

from trax.errors import StoreError
from trax.service.serving import Service
from trax.web.bells import Bells

_LOOK = 0.2  # seconds between looks while somebody listens


async def watch(service: Service, bells: Bells) -> None:
    """Look for new events, whoever made them, while somebody listens; until it is cancelled."""
    last: int | None = None
    while True:
        await asyncio.sleep(_LOOK)
        if not bells.names:
            last = None
            continue
        try:
            last = await run_in_threadpool(_ring_new, service, bells, last)
        except StoreError:
            continue  # whoever listens is told by their own look


def _ring_new(service: Service, bells: Bells, last: int | None) -> int:
    """Ring for events since *last*, and give the id of the newest."""
    events = service.workspace.events
    if last is None:
        return events.newest()
    found = events.after(last)
    over = {each.job_id for each in found if each.event.kind == "ended"}
    for job_id in {each.job_id for each in found}:
        bells.job_changed(job_id, job_id in over)
    return found[-1].event.id if found else last
