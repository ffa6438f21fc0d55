"""How much one may ask for, and how often: what is refused is never read."""

from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax.errors import TooManyRequests
from trax.service.access import Caller
from trax.service.counting import Left, Requests
from trax.web.problems import error_problem, problem, refuse

_BODILESS = ("GET", "HEAD", "OPTIONS")


class RateLimits:
    """Refuses those who ask too often, and tells everybody how much they have left, as IETF's draft
    of RateLimit headers has it.
    """

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        caller: Caller | None = scope.get("state", {}).get("caller")
        left = None if caller is None else self._requests.count(caller)
        if left is None:
            await self._app(scope, receive, send)
            return
        if left.is_refused:
            refusal = error_problem(scope, TooManyRequests("too many requests", left.seconds))
            await refuse(refusal, scope, receive, with_headers(send, left))
            return
        await self._app(scope, receive, with_headers(send, left))


def with_headers(send: Send, left: Left) -> Send:
    """Sends an answer with what is left of a limit."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = f'"requests";q={left.limit};w=60'
            headers["RateLimit"] = f'"requests";r={left.remaining};t={left.seconds}'
        await send(message)

    return sent


class BodyLimits:
    """Refuses bodies that are too large: before they are read if they say so, else while they are.

    Args:
        usual: bytes.
        others: for paths that begin so.
    """

    def __init__(self, app: ASGIApp, usual: int, others: Mapping[str, int]) -> None:
        self._app = app
        self._usual = usual
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] in _BODILESS:
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            await _too_large(scope, limit)(scope, receive, send)
            return
        counted = _Counted(receive, limit)

        async def sent(message: Message) -> None:
            if not counted.is_over:
                await send(message)

        with suppress(_TooLarge):
            await self._app(scope, counted, sent)
        if counted.is_over:
            await _too_large(scope, limit)(scope, receive, send)

    def _limit(self, path: str) -> int:
        for prefix, limit in self._others.items():
            if path.startswith(prefix):
                return limit
        return self._usual


class _TooLarge(Exception):
    """A body that did not say so is larger than allowed."""


class _Counted:
    """Receives a body, until it is too large.

    Attributes:
        is_over: whether it was.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self.is_over = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            self.is_over = True
            raise _TooLarge
        return message


def _too_large(scope: Scope, limit: int) -> ASGIApp:
    detail = f"the body is larger than the {limit} bytes allowed"
    return problem(scope, 413, detail, headers={"Connection": "close"})
