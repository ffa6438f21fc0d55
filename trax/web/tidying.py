"""What a service does now and then while it runs."""

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from trax.errors import StoreError
from trax.service.again import carry_due
from trax.service.counting import Requests
from trax.service.resumable import remove_expired
from trax.service.serving import Service, forget_old_keys

_OFTEN = 600.0  # seconds
_VERY_OFTEN = 1.0  # seconds

_log = logging.getLogger("trax")


async def tidy(service: Service) -> None:
    """Forget uploads that have expired and old keys, again and again, until this is cancelled."""
    while True:
        try:
            await run_in_threadpool(remove_expired, service.workspace)
            await run_in_threadpool(forget_old_keys, service)
        except StoreError as error:
            _log.warning("what has expired stays for now: %s", error)
        await asyncio.sleep(_OFTEN)


async def carry(service: Service) -> None:
    """Carry decisions over to what jobs have made, until this is cancelled."""
    while True:
        try:
            await run_in_threadpool(carry_due, service.workspace)
        except StoreError as error:
            _log.warning("decisions are carried over later: %s", error)
        await asyncio.sleep(_VERY_OFTEN)


async def exchange(requests: Requests) -> None:
    """Have services tell each other who asks how often, until this is cancelled."""
    while True:
        await asyncio.sleep(_VERY_OFTEN)
        await run_in_threadpool(requests.exchange)
