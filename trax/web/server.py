"""The application behind a port, until it is told to end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from trax.errors import SetupError

_ENDS = (signal.SIGTERM, signal.SIGINT)
_GRACE = 2  # seconds that open answers may take to their end; jobs take longer

Ready = Callable[[str], None]
"""Called with the service's address once it answers."""


def serve(app: FastAPI, host: str, port: int, ready: Ready) -> None:
    """Answer on *port* of *host* until SIGTERM or SIGINT; then jobs are drained.

    Args:
        port: 0 takes a free one.

    Raises:
        SetupError: the port cannot be had.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    server = _Server(config, ready)
    with suppress(SystemExit), _surviving():
        server.run()
    if not server.started:
        raise SetupError(f"port {port} of {host} cannot be had: is it taken?")


@contextmanager
def _surviving() -> Iterator[None]:
    """Go on after the signals that end the server: it sends them again once it has ended."""
    former = {number: signal.signal(number, _nothing) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """The server has ended already."""


class _Server(uvicorn.Server):
    """Says where it answers, and tells open answers to end first."""

    def __init__(self, config: uvicorn.Config, ready: Ready) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Listen, and say where."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            self._ready(_address(self))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.bells.close()
        super().handle_exit(sig, frame)


def _address(server: uvicorn.Server) -> str:
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
