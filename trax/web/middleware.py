"""What happens to every request before a route sees it: plain ASGI, so that a body that is refused
is never read.
"""

import logging
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax.errors import TraxError
from trax.service.access import ANYBODY, Access
from trax.web.problems import error_problem, problem

LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))
"""How this machine is called in addresses."""

OPEN_PATHS = frozenset(("/healthz", "/readyz"))
"""What needs no token."""

PAGES = ("", "t", "sign-in", "settings")
"""First parts of the addresses at which the web interface shows itself."""

ASSETS = "/assets/"
"""Where its built files are: they hold nothing of anybody's, so everybody may read them."""

_UPLOADS = "/v1/uploads"
_OVERRIDING = ("PATCH", "DELETE")
_SAFE_ID = re.compile(r"[\w.-]{1,64}")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

_log = logging.getLogger("trax.access")


class RequestIds:
    """Gives every request an id, the caller's own if it has one, and logs how it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _SAFE_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        _override_method(scope)
        began = time.perf_counter()
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if scope["path"].startswith(_UPLOADS):
                    headers["Tus-Resumable"] = "1.0.0"
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            took_ms = 1000 * (time.perf_counter() - began)
            method, route = scope["method"], route_of(scope)
            _log.info("%s %s %d %.1f ms %s", method, route, status, took_ms, request_id)


class Gate:
    """Lets through whoever may ask, and keeps who they are in ``state.caller``.

    Where no token is needed, pages of other sites are kept out: a browser would carry their
    requests here.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token = bearer(headers)
        try:
            caller = self._access.remembered(token)
            if caller is None:
                caller = await run_in_threadpool(self._access.caller, token)
        except TraxError as error:
            await error_problem(scope, error)(scope, receive, send)
            return
        if caller is ANYBODY and _is_foreign(headers):
            refusal = problem(scope, 403, "pages of other sites may not use this service")
            await refusal(scope, receive, send)
            return
        scope["state"]["caller"] = caller
        await self._app(scope, receive, send)


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
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS:
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


def is_open(path: str) -> bool:
    """Whether anybody may have what is at *path*: nothing there depends on who asks."""
    first = path.split("/", 2)[1]
    return path in OPEN_PATHS or path.startswith(ASSETS) or first in PAGES


def route_of(scope: Scope) -> str:
    """The route that answered, its parts by name: what is asked for is nobody else's business."""
    return str(getattr(scope.get("route"), "path", "none"))


def _override_method(scope: Scope) -> None:
    """Let clients of tus that can only POST say what they mean."""
    meant = Headers(scope=scope).get("x-http-method-override", "")
    is_upload = scope["path"].startswith(f"{_UPLOADS}/")
    if is_upload and scope["method"] == "POST" and meant in _OVERRIDING:
        scope["method"] = meant


def bearer(headers: Headers) -> str:
    """The token that a request has; empty if it has none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _is_foreign(headers: Headers) -> bool:
    """Whether a request comes from a page of another site, or through a name that is not ours."""
    host = headers.get("host", "")
    origin = headers.get("origin")
    try:
        is_ours = urlsplit(f"//{host}").hostname in LOCAL_HOSTS
        return not is_ours or (origin is not None and urlsplit(origin).netloc != host)
    except ValueError:
        return True


def _too_large(scope: Scope, limit: int) -> ASGIApp:
    detail = f"the body is larger than the {limit} bytes allowed"
    return problem(scope, 413, detail, headers={"Connection": "close"})
