"""What every request and answer has: an id, a line in the log, headers."""

import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax.telemetry.ids import bound
from trax.telemetry.logs import FIELDS
from trax.telemetry.traces import span

_UPLOADS = "/v1/uploads"
_OVERRIDING = ("PATCH", "DELETE")
_STREAM = "text/event-stream"
_SAFE_ID = re.compile(r"[\w.-]{1,64}")

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


def is_stream(message: Message) -> bool:
    """Whether an answer begins that has no end of its own."""
    if message["type"] != "http.response.start":
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith(_STREAM)


def route_of(scope: Scope) -> str:
    """The route that answered, its parts by name: what is asked for is nobody else's business."""
    return str(getattr(scope.get("route"), "path", "none"))


def _override_method(scope: Scope) -> None:
    """Let clients of tus that can only POST say what they mean."""
    meant = Headers(scope=scope).get("x-http-method-override", "")
    is_upload = scope["path"].startswith(f"{_UPLOADS}/")
    if is_upload and scope["method"] == "POST" and meant in _OVERRIDING:
        scope["method"] = meant
