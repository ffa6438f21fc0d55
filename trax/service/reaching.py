"""Requests to addresses that callers name: connections go to the very address that was judged."""

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import anyio
import httpcore
from anyio import CapacityLimiter, to_thread

from trax.errors import Unreachable
from trax.service.targets import Target, Targets

_LOOK_UPS = 16  # names that are looked up at once: a slow server of names holds nobody else


class Outside(httpcore.AsyncNetworkBackend):
    """Connects to names by addresses that *targets* lets pass, and to nothing else."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._network = httpcore.AnyIOBackend()
        self._limiter: CapacityLimiter | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the addresses of *host*.

        Raises:
            RefusedTarget: one of them is none that this service goes to.
            Unreachable: it has none.
        """
        if self._limiter is None:
            self._limiter = CapacityLimiter(_LOOK_UPS)
        addresses = await to_thread.run_sync(
            self._targets.addresses, host, port, limiter=self._limiter, abandon_on_cancel=True
        )
        refused: Exception | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
        raise Unreachable("nobody answers there") from refused

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


class Reaching:
    """Makes requests outside, without proxies, which could not be judged; follows no redirects.

    Args:
        verify: certificates to trust; the usual ones if ``None``.
    """

    def __init__(self, targets: Targets, verify: ssl.SSLContext | None = None) -> None:
        self.targets = targets
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=Outside(targets),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    @asynccontextmanager
    async def asked(
        self,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes = b"",
        seconds: float = 10.0,
    ) -> AsyncIterator[httpcore.Response]:
        """The answer to a request, whose body is not read yet.

        Args:
            seconds: that connecting, and each part of the answer, may take.

        Raises:
            RefusedTarget: it leads to an address that this service does not go to.
            Unreachable: nobody answers, or the connection breaks.
        """
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        named = {"Host": target.authority, **headers}
        limits = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        try:
            async with self._pool.stream(
                method,
                url,
                headers=[(name.encode(), value.encode()) for name, value in named.items()],
                content=body,
                extensions={"timeout": limits},
            ) as answer:
                yield answer
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise Unreachable("it takes too long to answer") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise Unreachable(f"the connection fails: {_reason(error)}") from error


def header(answer: httpcore.Response, name: str) -> str:
    """The value of a header; empty if there is none."""
    wanted = name.lower().encode()
    found = (value for key, value in answer.headers if key.lower() == wanted)
    return next(found, b"").decode("latin-1")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
