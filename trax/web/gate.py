"""Who is let through to the routes, and until when."""

import asyncio
import logging
from collections.abc import Mapping

from anyio import BrokenResourceError, CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trax.errors import TraxError, Unidentified
from trax.service.access import ANYBODY, Access, Caller
from trax.store.audit import acting
from trax.web.credentials import Credential, credential, is_foreign, is_same_origin
from trax.web.middleware import is_stream
from trax.web.problems import error_problem, problem, refuse
from trax.web.rights import Rights, still_sees

OPEN_PATHS = frozenset(("/healthz", "/readyz"))
"""What anybody may ask for."""

SIGN_IN = ("/v1/session", "/v1/shared")
"""Where one signs in, and asks how; where one opens a link."""

_SIGN_IN_PAGES = ("/v1/session", "/v1/session/oidc", "/v1/session/oidc/callback")

PAGES = ("", "analytics", "live", "t", "revoice", "shared", "sign-in", "settings")
"""First parts of the addresses at which the web interface shows itself."""

ASSETS = "/assets/"
"""Where its built files are: they hold nothing of anybody's, so everybody may read them."""

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_GLANCE = 1.0  # seconds between looks at who has opened a stream
_END: Mapping[str, Message] = {
    "http": {"type": "http.response.body", "body": b"", "more_body": False},
    "websocket": {"type": "websocket.close", "code": 1008},
}

_log = logging.getLogger("trax.access")


class Gate:
    """Lets through whoever may ask, and keeps who they are in ``state.caller``.

    A browser sends its cookie, and reaches what is open to its machine, whatever page has it do so:
    pages of other sites are kept out.
    """

    def __init__(self, app: ASGIApp, access: Access, rights: Rights) -> None:
        self._app = app
        self._access = access
        self._rights = rights

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        shown = credential(headers, scope["path"], secure=scope["scheme"] in ("https", "wss"))
        try:
            caller = await self._caller(scope, shown)
        except TraxError as error:
            await refuse(error_problem(scope, error), scope, receive, send)
            return
        if _is_forged(scope, headers, shown, caller):
            refusal = problem(scope, 403, "pages of other sites may not use this service")
            await refuse(refusal, scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller is not None and caller is not ANYBODY:
            acting.set(caller.label)
        await self._watched(scope, receive, send, shown, caller)

    async def _watched(
        self, scope: Scope, receive: Receive, send: Send, shown: Credential, caller: Caller | None
    ) -> None:
        """Answer a request; a stream ends soon after its token or session does, or allows
        something else, or what it shows is no longer seen by whoever has opened it.
        """
        watcher: asyncio.Task[None] | None = None
        changes = self._rights.changes  # before anything is looked at
        with CancelScope() as cut:

            async def sent(message: Message) -> None:
                nonlocal watcher
                opens = message["type"] == "websocket.accept" or is_stream(message)
                if watcher is None and opens:
                    watcher = asyncio.create_task(self._watch(scope, shown, caller, cut, changes))
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

    async def _watch(
        self,
        scope: Scope,
        shown: Credential,
        caller: Caller | None,
        cut: CancelScope,
        changes: int,
    ) -> None:
        """Cancel *cut* once *caller*, who has opened a stream, may no longer ask as they did.

        Args:
            changes: of rights, when they asked.
        """
        with self._rights.listening():
            while True:
                await asyncio.sleep(_GLANCE)
                try:
                    if not await self._is_still(shown, caller):
                        break
                    now = self._rights.changes
                    if now != changes and not await still_sees(scope):
                        break
                    changes = now
                except TraxError as error:
                    _log.debug("nobody can be looked up: %s", error)
        cut.cancel()

    async def _is_still(self, shown: Credential, caller: Caller | None) -> bool:
        """Whether whoever has the credential is *caller* still."""
        now = self._access.remembered(shown.secret)
        if now is None:
            try:
                now = await run_in_threadpool(self._access.caller, shown.secret)
            except Unidentified:
                return False
        return now == caller

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


def is_open(path: str) -> bool:
    """Whether anybody may have what is at *path*: nothing there depends on who asks."""
    first = path.removeprefix("/").partition("/")[0]
    return path in OPEN_PATHS or path.startswith(ASSETS) or first in PAGES


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
