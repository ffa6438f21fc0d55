"""What a service does now and then while it runs."""

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from trax.errors import StoreError
from trax.service import coediting
from trax.service.again import carry_due
from trax.service.analytics.answers import Analytics
from trax.service.counting import Requests
from trax.service.live_service import Settling
from trax.service.live_sessions import LiveRoom
from trax.service.resumable import remove_expired
from trax.service.serving import Service, forget_old_keys

_OFTEN = 600.0  # seconds
_VERY_OFTEN = 1.0  # seconds

_log = logging.getLogger("trax")


async def tidy(service: Service) -> None:
    """Forget uploads that have expired and old keys, and add up days that are over, again and
    again, until this is cancelled.
    """
    while True:
        try:
            await run_in_threadpool(remove_expired, service.workspace)
            await run_in_threadpool(forget_old_keys, service)
            await run_in_threadpool(coediting.tidy, service.workspace)
            await run_in_threadpool(_add_up, service)
        except StoreError as error:
            _log.warning("what has expired stays for now: %s", error)
        await asyncio.sleep(_OFTEN)


def _add_up(service: Service) -> None:
    for _day in Analytics(service.workspace.database, service.settings.targets).settle():
        pass


async def carry(service: Service) -> None:
    """Carry decisions over to what jobs have made, until this is cancelled."""
    while True:
        try:
            await run_in_threadpool(carry_due, service.workspace)
        except StoreError as error:
            _log.warning("decisions are carried over later: %s", error)
        await asyncio.sleep(_VERY_OFTEN)


async def caption(service: Service, room: LiveRoom) -> None:
    """Go on with live sessions that a former process left, end deserted ones, and carry decisions
    over to what was made of them, until this is cancelled.
    """
    await run_in_threadpool(room.take_up)
    settling = Settling(service, room)
    while True:
        try:
            await run_in_threadpool(room.end_deserted)
            await run_in_threadpool(settling.settle)
        except Exception:  # noqa: BLE001 - the edge of a duty: the next time may go well
            _log.exception("live sessions are settled later")
        await asyncio.sleep(_VERY_OFTEN)


async def exchange(requests: Requests) -> None:
    """Have services tell each other who asks how often, until this is cancelled."""
    while True:
        await asyncio.sleep(_VERY_OFTEN)
        await run_in_threadpool(requests.exchange)
