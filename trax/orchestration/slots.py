"""Slots of a device, by Prefect's global concurrency limits.

A slot is leased: the lease is renewed while the slot is held, and a process that dies renews it no
more, so that the server gives the slot to the next. Prefect's own ``concurrency`` is not used: a
server on SQLite answers 503 to one of two who ask at once, and its client then waits for two
seconds and more.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

LEASE = 60.0
"""Seconds for which a slot is held, and held again: the least that Prefect takes."""

_RENEWED = LEASE / 4  # seconds between renewals: three may fail
_LONGEST_WAIT = 2.0  # seconds between tries to get a slot
_PATIENCE = 60.0  # seconds for which a server that is busy or away is asked again
_LOCKED = 423  # all slots are taken (RFC 4918)

_log = logging.getLogger("trax")


def device_limit(device: str) -> str:
    """The name of the concurrency limit that guards *device*."""
    return f"trax-{device}"


@contextmanager
def device_slot(device: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a slot of *device*; one that has no limit on the server is free for all.

    Args:
        waiting: called before each wait for a slot. What it raises ends the wait.
    """
    with _client() as client:
        lease = _acquired(client, device_limit(device), waiting)
        if lease is None:
            yield
            return
        over = threading.Event()
        renewing = threading.Thread(
            target=_renew, args=(client, lease, over), daemon=True, name=f"lease-{device}"
        )
        renewing.start()
        try:
            yield
        finally:
            over.set()
            _release(client, lease)


@contextmanager
def _client() -> "Iterator[SyncPrefectClient]":
    """A client that leaves trying again to `_asked`."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),
        get_client(sync_client=True) as client,
    ):
        yield client


def _acquired(client: "SyncPrefectClient", limit: str, waiting: Callable[[], None]) -> UUID | None:
    """A lease on a slot; ``None`` where nothing limits, or the server cannot be asked: work goes
    before a limit.
    """
    pause = threading.Event()
    while True:
        try:
            answer = _asked(
                lambda: client.increment_concurrency_slots_with_lease(
                    [limit], 1, "concurrency", LEASE
                )
            ).json()
            return UUID(answer["lease_id"]) if answer["limits"] else None
        except httpx.HTTPStatusError as error:
            if error.response.status_code != _LOCKED:
                _log.warning("working without a slot of %s: %s", limit, error)
                return None
            waiting()
            pause.wait(
                min(_LONGEST_WAIT, float(error.response.headers.get("Retry-After", _LONGEST_WAIT)))
            )
        except (httpx.TransportError, RuntimeError) as error:
            _log.warning("working without a slot of %s: %s", limit, error)
            return None


def _renew(client: "SyncPrefectClient", lease: UUID, over: threading.Event) -> None:
    """Renew a lease until it is over. A server that is away, or has forgotten it, must not cost the
    stage its work.
    """
    while not over.wait(_RENEWED):
        try:
            _asked(lambda: client.renew_concurrency_lease(lease, LEASE))
        except (httpx.HTTPError, RuntimeError) as error:
            _log.warning("the lease on a slot is not renewed: %s", error)


def _release(client: "SyncPrefectClient", lease: UUID) -> None:
    try:
        _asked(lambda: client.release_concurrency_slots_with_lease(lease))
    except (httpx.HTTPError, RuntimeError) as error:
        _log.warning("a slot is not given back; its lease ends in %.0f s: %s", LEASE, error)


def _asked(question: Callable[[], httpx.Response]) -> httpx.Response:
    """What the server answers; asked again soon where it is busy or away."""
    again = Retrying(
        retry=retry_if_exception(_is_passing),
        wait=wait_random_exponential(0.05, 2.0),
        stop=stop_after_delay(_PATIENCE),
        reraise=True,
    )
    return again(question)


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in (429, 502, 503, 504)
    return isinstance(error, httpx.TransportError)
