"""What happens to every request before a route sees it: plain ASGI, so that a body that is refused
is never read.
"""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress

from anyio import BrokenResourceError, CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax.errors import TooManyRequests, TraxError, Unidentified
from trax.service.access import ANYBODY, Access, Caller
from trax.service.counting import Left, Requests
from trax.store.audit import acting
from trax.telemetry.ids import bound
from trax.telemetry.logs import FIELDS
from trax.telemetry.traces import span
from trax.web.credentials import Credential, credential, is_foreign, is_same_origin
from trax.web.problems import error_problem, problem

OPEN_PATHS = frozenset(("/healthz", "/readyz"))
"""What anybody may ask for."""

SIGN_IN = ("/v1/session", "/v1/shared")
"""Where one signs in, and asks how; where one opens a link."""

_SIGN_IN_PAGES = ("/v1/session", "/v1/session/oidc", "/v1/session/oidc/callback")

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
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONLY_BY_TLS = ("Strict-Transport-Security", "max-age=31536000")
_UNKEPT = ("Cache-Control", "no-store")  # unless a route says otherwise

_GLANCE = 1.0  # seconds between looks at who has opened a stream
_STREAMS = "text/event-stream"
_END: Mapping[str, Message] = {
    "http": {"type": "http.response.body", "body": b"", "more_body": False},
    "websocket": {"type": "websocket.close", "code": 1008},
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
                if scope["scheme"] == "https":
                    headers.setdefault(*_ONLY_BY_TLS)
                if scope["path"].startswith("/v1"):
                    headers.setdefault(*_UNKEPT)
            await send(message)

        caller = Headers(scope=scope).get("traceparent", "")
        with bound(request=request_id), span("request", caller) as recorded:
            try:
                await self._app(scope, receive, sent)
            finally:
                took_ms = round(1000 * (time.perf_counter() - began), 1)
                answered = f"{scope['method']} {route_of(scope)}"
                recorded.note(answered, status=status)
                fields = {"status": status, "ms": took_ms}
                _log.info(answered, extra={FIELDS: fields})


class Gate:
    """Lets through whoever may ask, and keeps who they are in ``state.caller``.

    A browser sends its cookie, and reaches what is open to its machine, whatever page has it do so:
    pages of other sites are kept out.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        shown = credential(headers, secure=scope["scheme"] in ("https", "wss"))
        try:
            caller = await self._caller(scope, shown)
        except TraxError as error:
            await _refused(error_problem(scope, error), scope, receive, send)
            return
        if _is_forged(scope, headers, shown, caller):
            refusal = problem(scope, 403, "pages of other sites may not use this service")
            await _refused(refusal, scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller is not None and caller is not ANYBODY:
            acting.set(caller.label)
        await self._watched(scope, receive, send, shown, caller)

    async def _watched(
        self, scope: Scope, receive: Receive, send: Send, shown: Credential, caller: Caller | None
    ) -> None:
        """Answer a request; a stream ends soon after its token or session does, or allows
        something else.
        """
        watcher: asyncio.Task[None] | None = None
        with CancelScope() as cut:

            async def sent(message: Message) -> None:
                nonlocal watcher
                if watcher is None and _is_stream(message):
                    watcher = asyncio.create_task(self._watch(shown, caller, cut))
                await send(message)

            try:
                await self._app(scope, receive, sent)
            except* BrokenResourceError:  # FastAPI's streams, when whoever listened has gone
                _log.debug("a stream has lost its listener")
            finally:
                if watcher is not None:
                    watcher.cancel()
        if cut.cancelled_caught:
            await send(_END[scope["type"]])

    async def _watch(self, shown: Credential, caller: Caller | None, cut: CancelScope) -> None:
        """Cancel *cut* once *caller*, who has opened a stream, may no longer ask as they did."""
        while True:
            await asyncio.sleep(_GLANCE)
            try:
                now = self._access.remembered(shown.secret) or await run_in_threadpool(
                    self._access.caller, shown.secret
                )
            except Unidentified:
                now = None
            except TraxError as error:
                _log.debug("nobody can be looked up: %s", error)
                continue
            if now != caller:
                cut.cancel()
                return

    async def _caller(self, scope: Scope, shown: Credential) -> Caller | None:
        """Whoever asks; ``None`` if that does not matter.

        Raises:
            Unidentified: nobody knows them.
        """
        caller = self._access.remembered(shown.secret)
        if caller is not None:
            return caller
        try:
            return await run_in_threadpool(self._access.caller, shown.secret)
        except Unidentified:
            if is_sign_in(scope):
                return None
            raise


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
            await _refused(refusal, scope, receive, with_headers(send, left))
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
    first = path.removeprefix("/").partition("/")[0]
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


def _is_stream(message: Message) -> bool:
    """Whether an answer begins that has no end of its own."""
    if message["type"] == "websocket.accept":
        return True
    if message["type"] != "http.response.start":
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith(_STREAMS)


def is_sign_in(scope: Scope) -> bool:
    """Whether somebody signs in, or asks how: nobody knows them yet."""
    method = scope.get("method")
    if method == "POST":
        return scope["path"] in SIGN_IN
    return scope["path"] in _SIGN_IN_PAGES and method in ("GET", "HEAD")


def _is_forged(scope: Scope, headers: Headers, shown: Credential, caller: Caller | None) -> bool:
    """Whether a page of another site may have a browser ask this."""
    if caller is ANYBODY or caller is None:
        return is_foreign(headers, local=caller is ANYBODY)
    changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
    return shown.is_cookie and changes and not is_same_origin(headers)


async def _refused(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer; a WebSocket is closed before it is open, which browsers see as 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, send)


def _too_large(scope: Scope, limit: int) -> ASGIApp:
    detail = f"the body is larger than the {limit} bytes allowed"
    return problem(scope, 413, detail, headers={"Connection": "close"})
