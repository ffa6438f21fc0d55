"""Rings the bells of jobs that other processes change."""

import asyncio
from itertools import count

from starlette.concurrency import run_in_threadpool

from trax.errors import StoreError
from trax.service.serving import Service
from trax.store.passages import Standing
from trax.web.bells import Bells

_LOOK = 0.2  # seconds between looks while somebody listens
_LOOKS = 5  # after so many, another one at how far jobs are


async def watch(service: Service, bells: Bells) -> None:
    """Look for new events, whoever made them, while somebody listens; until it is cancelled."""
    last: int | None = None
    known: Standing = {}
    for number in count():
        await asyncio.sleep(_LOOK)
        if not bells.names:
            last = None
            continue
        try:
            last = await run_in_threadpool(_ring_new, service, bells, last)
            if number % _LOOKS == 0:
                known = await run_in_threadpool(_ring_advanced, service, bells, known)
        except StoreError:
            continue  # whoever listens is told by their own look


def _ring_advanced(service: Service, bells: Bells, known: Standing) -> Standing:
    """Ring for jobs that are further than *known*, and give how far they are."""
    found = service.workspace.jobs.standing()
    for job_id, stands in found.items():
        if known.get(job_id) != stands:
            bells.ring(job_id)
    return found


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
