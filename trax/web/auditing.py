"""Has every reading of content and every refusal noted: plain ASGI around all routes."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax.service.access import Caller
from trax.service.auditing import AccessLog
from trax.web.middleware import route_of
from trax.web.things import NAMED

_REFUSED = (401, 403, 404, 429)
_CONTENT = ("/v1/transcripts/{", "/v1/recordings/{", "/v1/search", "/v1/shared/", "/v1/audio/")
_NOT_CONTENT = ("/access", "/media", "/links", "/folder")
"""How paths end below those that tell nothing that was said."""


class Audited:
    """Notes who was given content and who was refused, once it was so; never what was asked for."""

    def __init__(self, app: ASGIApp, log: AccessLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"])
            await send(message)

        await self._app(scope, receive, sent)

    def _note(self, scope: Scope, status: int) -> None:
        action = _action(scope, status)
        if not action:
            return
        client = scope.get("client")
        caller: Caller | None = scope.get("state", {}).get("caller")
        self._log.note(
            "nobody" if caller is None else caller.label,
            action,
            _subject(scope),
            route=f"{scope['method']} {route_of(scope)}",
            status=status,
            address=client[0] if client else "",
            request=scope.get("state", {}).get("request_id", ""),
        )


def _action(scope: Scope, status: int) -> str:
    path = route_of(scope)
    if status in _REFUSED:
        return "" if path == "none" and status == 404 else "access.refused"
    is_read = scope["method"] in ("GET", "POST") and status in (200, 206)
    is_content = path.startswith(_CONTENT) and not path.endswith(_NOT_CONTENT)
    return "access.read" if is_read and is_content else ""


def _subject(scope: Scope) -> str:
    """The id of what was asked for; what was searched for is nobody else's business."""
    given = scope.get("path_params", {})
    named = [str(given[name])[:64] for name in NAMED if name in given]
    return named[0] if named else ""
