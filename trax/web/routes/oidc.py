"""Signing in at an organisation's OpenID provider."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from trax.errors import NotFound, Unidentified
from trax.service import sessions
from trax.web.asking import TheService
from trax.web.credentials import give_cookie
from trax.web.problems import responses

if TYPE_CHECKING:
    from trax.service.oidc import Beginning, Provider

router = APIRouter(prefix="/v1/session/oidc", tags=["users"])

_COOKIE = "trax_beginning"
_LASTS = 600  # seconds
_CALLBACK = "/v1/session/oidc/callback"


@router.get(
    "", status_code=302, summary="Sign in at the organisation", responses=responses(404, 503)
)
def begin(request: Request, after: str = "/") -> RedirectResponse:
    """Sends a browser to the provider, which sends it back; `after` is the page to show then."""
    url, beginning = _provider(request).begin(_callback(request), _ours(after))
    answer = RedirectResponse(url, 302, {"Cache-Control": "no-store"})
    answer.set_cookie(
        _cookie(request),
        _packed(beginning),
        max_age=_LASTS,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(
    "/callback",
    status_code=303,
    summary="Come back from the organisation",
    responses=responses(404, 503),
)
def callback(
    request: Request, service: TheService, code: str = "", state: str = ""
) -> RedirectResponse:
    """For the browser that the provider sends back. Whoever is known, or may be added, is signed
    in.
    """
    from trax.service.oidc import user_of

    provider = _provider(request)
    beginning = _unpacked(request.cookies.get(_cookie(request), ""))
    if not code or not hmac.compare_digest(beginning.state.encode(), state.encode()):
        raise Unidentified("signing in was not begun in this browser, or not finished: try again")
    claims = provider.claims(_callback(request), code, beginning)
    workspace = service.workspace
    user = user_of(provider.config, workspace.users, workspace.folders, claims)
    service.access.forget()
    opened = sessions.open_session(workspace.users, user)
    answer = RedirectResponse(_ours(beginning.after), 303, {"Cache-Control": "no-store"})
    answer.delete_cookie(_cookie(request), path="/", secure=request.url.scheme == "https")
    give_cookie(answer, opened, secure=request.url.scheme == "https")
    return answer


def _ours(page: str) -> str:
    """A page of this service: the one that is named, or the first."""
    is_ours = page.startswith("/") and not page.startswith(("//", "/\\"))
    return page if is_ours else "/"


def _provider(request: Request) -> "Provider":
    found: Provider | None = request.app.state.oidc
    if found is None:
        raise NotFound("provider", "OpenID", "this service signs nobody in that way")
    return found


def _callback(request: Request) -> str:
    return str(request.base_url).rstrip("/") + _CALLBACK


def _cookie(request: Request) -> str:
    return f"__Host-{_COOKIE}" if request.url.scheme == "https" else _COOKIE


def _packed(beginning: "Beginning") -> str:
    return urlsafe_b64encode(json.dumps(asdict(beginning)).encode()).decode()


def _unpacked(text: str) -> "Beginning":
    from trax.service.oidc import Beginning

    try:
        kept = json.loads(urlsafe_b64decode(text.encode()))
        return Beginning(**{name: str(value) for name, value in kept.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise Unidentified("signing in was not begun in this browser: try again") from error
