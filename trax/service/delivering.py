"""Sends messages to webhooks: each until it has arrived or a day is over, in order for each job.

A webhook that is slow or dead holds nobody but itself: each is served by a task of its own.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Protocol

import httpcore
from anyio import to_thread

from trax import __version__
from trax.errors import RefusedTarget, StoreError, TraxError, Unreachable
from trax.service.reaching import Reaching, header
from trax.service.webhooks import described, signed
from trax.store import (
    Database,
    Delivery,
    DeliveryRepository,
    Outcome,
    Webhook,
    WebhookRepository,
)
from trax.store.audit import in_utc
from trax.store.tables import utc_now
from trax.store.telling import Telling

DELAYS = (5.0, 30.0, 120.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0)
"""Seconds from one try to the next; the last one from then on."""

TRIED = timedelta(days=1)
"""How long a message is tried."""

FAILING = timedelta(days=3)
"""After so long without a message that arrived a webhook is disabled."""

KEPT = timedelta(days=30)
"""How long the log of what was sent is kept."""

_JITTER = 0.2  # of a delay, either way
_ANSWER = 15.0  # seconds that a receiver may take
_LEASE = timedelta(seconds=60)  # after that, a message comes again whose sender has died
_TOGETHER = 4  # messages at once to a webhook that is well
_LONGEST_REST = DELAYS[-1]  # seconds for which a receiver may want nothing
_READ = 16 << 10  # bytes of an answer
_LOOK = 0.5  # seconds
_TIDY = timedelta(hours=1)
_GONE = 410

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver says.

    Attributes:
        status: of HTTP.
        rest: seconds for which it wants nothing more.
    """

    status: int
    rest: float = 0.0


class Send(Protocol):
    """Sends one message, and gives the answer."""

    async def __call__(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        """Send it.

        Raises:
            RefusedTarget: the address is not one that this service goes to.
            Unreachable: nobody answers.
        """


class Deliverer:
    """Sends what is to be told of jobs.

    Args:
        clock: gives the time.
        dice: gives a number from 0 to 1, for the jitter.
    """

    def __init__(
        self,
        database: Database,
        send: Send,
        clock: Callable[[], datetime] = utc_now,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._webhooks = WebhookRepository(database)
        self._deliveries = DeliveryRepository(database)
        self._send = send
        self._clock = clock
        self._dice = dice
        self._telling = Telling(database, described)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._tidied: datetime | None = None

    async def run(self) -> None:
        """Send until this is cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except StoreError as error:
                    _log.warning("webhooks wait: %s", error)
                await asyncio.sleep(_LOOK)
        finally:
            for task in self._busy.values():
                task.cancel()

    async def look(self) -> None:
        """Find what is to be sent, and begin to send it."""
        now = self._clock()
        while await to_thread.run_sync(self._telling.spread, now):
            pass
        await self._tidy(now)
        due = await to_thread.run_sync(self._deliveries.due, now, tuple(self._busy))
        if due:
            await self._disown(now)
        for webhook_id in due:
            task = asyncio.create_task(self._serve(webhook_id))
            self._busy[webhook_id] = task
            task.add_done_callback(partial(self._served, webhook_id))

    async def settled(self) -> None:
        """Wait until everything was tried that was begun."""
        while self._busy:
            await asyncio.gather(*self._busy.values())

    def _served(self, webhook_id: str, task: asyncio.Task[None]) -> None:
        del self._busy[webhook_id]
        if task.cancelled() or task.exception() is None:
            return
        error = task.exception()
        if isinstance(error, TraxError):
            _log.warning("webhook %s waits: %s", webhook_id, error)
        else:
            _log.error("webhook %s cannot be served", webhook_id, exc_info=error)

    async def _serve(self, webhook_id: str) -> None:
        """Send what is due to one webhook."""
        while True:
            webhook = await to_thread.run_sync(self._webhooks.get, webhook_id)
            now = self._clock()
            if webhook.disabled_at is not None or _is_at_rest(webhook, now):
                return
            most = _TOGETHER if webhook.failing_since is None else 1
            take = partial(self._deliveries.take, webhook_id, now, now + _LEASE, most)
            taken = await to_thread.run_sync(take)
            if not taken:
                return
            await asyncio.gather(*(self._try(webhook, each) for each in taken))

    async def _try(self, webhook: Webhook, delivery: Delivery) -> None:
        """Send one message, and note how that went."""
        at, began = self._clock(), time.perf_counter()
        status, error = None, ""
        try:
            answer = await self._send(webhook, delivery, at)
            status = answer.status
            error = "" if 200 <= status < 300 else f"it answered with status {status}"
            await self._rest(webhook, answer, at)
        except (RefusedTarget, Unreachable) as failure:
            error = str(failure)
        took_ms = round(1000 * (time.perf_counter() - began))
        outcome = Outcome(at=at, took_ms=took_ms, status=status, error=error)
        if not error:
            await to_thread.run_sync(self._deliveries.arrived, delivery, outcome)
            return
        next_at = self._next(delivery, at)
        since = await to_thread.run_sync(self._deliveries.missed, delivery, outcome, next_at)
        if status == _GONE:
            await self._disable(webhook.id, "the receiver said that it is gone (410)")
        elif at - since >= FAILING:
            note = f"nothing has arrived for {FAILING.days} days: {error}"
            await self._disable(webhook.id, note)

    async def _rest(self, webhook: Webhook, answer: Answer, at: datetime) -> None:
        """Leave a receiver alone that asks for that."""
        if answer.rest:
            until = at + timedelta(seconds=min(answer.rest, _LONGEST_REST))
            await to_thread.run_sync(self._webhooks.rest, webhook.id, until)

    def _next(self, delivery: Delivery, at: datetime) -> datetime | None:
        """When a message is tried again that has not arrived; ``None`` if its day is over."""
        delay = DELAYS[min(delivery.attempts, len(DELAYS) - 1)]
        jitter = 1 + _JITTER * (2 * self._dice() - 1)
        next_at = at + timedelta(seconds=delay * jitter)
        return None if next_at > delivery.queued_at + TRIED else next_at

    async def _disown(self, now: datetime) -> None:
        """Tell nobody anything who may no longer read it."""
        for webhook_id in await to_thread.run_sync(self._webhooks.disowned, now):
            note = "whoever made it may no longer read: a token or a user has ended"
            await self._disable(webhook_id, note)

    async def _disable(self, webhook_id: str, note: str) -> None:
        disable = self._deliveries.disable
        await to_thread.run_sync(disable, webhook_id, note, self._clock())

    async def _tidy(self, now: datetime) -> None:
        """Forget what is old."""
        if self._tidied is not None and now - self._tidied < _TIDY:
            return
        self._tidied = now
        await to_thread.run_sync(self._deliveries.forget_before, now - KEPT)


class Posting:
    """Sends messages by HTTP."""

    def __init__(self, reaching: Reaching) -> None:
        self._reaching = reaching

    async def __call__(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        """Send one; see `Send`."""
        target = self._reaching.targets.parsed(webhook.url)
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": f"Trax/{__version__}",
            **signed(webhook, delivery, at),
        }
        try:
            async with (
                asyncio.timeout(_ANSWER),
                self._reaching.asked("POST", target, headers, body) as answer,
            ):
                await _skim(answer)
                return Answer(answer.status, _rest_after(answer, at))
        except TimeoutError as error:
            raise Unreachable("it takes too long to answer") from error


def _is_at_rest(webhook: Webhook, now: datetime) -> bool:
    return webhook.rests_until is not None and now < webhook.rests_until


def _rest_after(answer: httpcore.Response, at: datetime) -> float:
    """Seconds that an answer of failure asks to wait (RFC 9110, ``Retry-After``); else 0."""
    if 200 <= answer.status < 300:
        return 0.0
    return seconds_until(header(answer, "retry-after"), at)


def seconds_until(text: str, at: datetime) -> float:
    """How long a ``Retry-After`` of that text asks to wait: seconds or a date; else 0.

    >>> seconds_until("120", utc_now()), seconds_until("soon", utc_now())
    (120.0, 0.0)
    """
    if text.isdecimal():
        return min(float(text), _LONGEST_REST)
    try:
        moment = in_utc(parsedate_to_datetime(text))
    except (ValueError, OverflowError):  # the latter: of no calendar
        return 0.0
    return max(0.0, (moment - at).total_seconds())


async def _skim(answer: httpcore.Response) -> None:
    """Read what a receiver says, up to a point, so that its connection may be used again."""
    read = 0
    async for part in answer.aiter_stream():
        read += len(part)
        if read > _READ:
            return
