"""What a service does now and then while it runs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from starlette.concurrency import run_in_threadpool

from trax.errors import StoreError
from trax.service import saving
from trax.service.again import carry_due
from trax.service.analytics.answers import Analytics
from trax.service.analytics.settling import settle
from trax.service.counting import Requests
from trax.service.leases import LEASE
from trax.service.live_service import Settling
from trax.service.live_sessions import LiveRoom
from trax.service.resumable import remove_expired
from trax.service.serving import Service, forget_old_keys

_OFTEN = 600.0  # seconds
_VERY_OFTEN = 1.0  # seconds
_DEAD = timedelta(seconds=90)  # a service that is there saves what is typed sooner

_log = logging.getLogger("trax")


async def repeated(duties: Sequence[Callable[[], object]], pause: float, otherwise: str) -> None:
    """Do duties in their order, and again after a pause in seconds, until this is cancelled.

    One that fails is told of in the log, holds up no other, and is tried again.

    Args:
        otherwise: what it means that one failed.
    """
    while True:
        for duty in duties:
            try:
                await run_in_threadpool(duty)
            except StoreError as error:
                _log.warning("%s: %s", otherwise, error)
            except Exception:  # noqa: BLE001 - the edge of a duty: the next time may go well
                _log.exception(otherwise)
        await asyncio.sleep(pause)


async def tidy(service: Service) -> None:
    """Forget uploads that have expired and old keys, add up days that are over, count what is
    stored, and check advice, again and again, until this is cancelled.
    """
    workspace = service.workspace
    duties = (
        partial(remove_expired, workspace),
        partial(forget_old_keys, service),
        partial(saving.drop_unused, workspace),
        partial(settle, workspace.database, workspace.objects, service.settings.home / "live"),
        Analytics(workspace.database, service.settings).advise,
    )
    await repeated(duties, _OFTEN, "what has expired stays for now")


async def carry(service: Service) -> None:
    """Carry decisions over to what jobs have made, until this is cancelled."""
    duty = partial(carry_due, service.workspace)
    await repeated([duty], _VERY_OFTEN, "decisions are carried over later")


async def take_over(service: Service) -> None:
    """Save what was typed together at a service that has died, until this is cancelled."""
    duty = partial(saving.take_over, service.workspace, _DEAD)
    await repeated([duty], LEASE.total_seconds(), "what a service has left is saved later")


async def caption(service: Service, room: LiveRoom) -> None:
    """Go on with live sessions that a former process left, end those that are deserted or have used
    up their minutes, and carry decisions over to what was made, until this is cancelled.
    """
    await run_in_threadpool(room.take_up)
    duties = (room.end_deserted, room.end_spent, Settling(service, room).settle)
    await repeated(duties, _VERY_OFTEN, "live sessions are settled later")


async def exchange(requests: Requests) -> None:
    """Have services tell each other who asks how often, until this is cancelled."""
    while True:
        await asyncio.sleep(_VERY_OFTEN)
        await run_in_threadpool(requests.exchange)
