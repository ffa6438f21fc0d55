"""What requests show: a token or a session, and the page that they come from."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from trax.service.links import Visit
from trax.service.sessions import LASTS, NewSession

LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))
"""How this machine is called in addresses."""

COOKIE = "trax_session"
"""Holds the secret of a session."""

SECURE_COOKIE = f"__Host-{COOKIE}"
"""The same where the service is reached by TLS: no other host and no plain connection sets it."""

VISIT_COOKIE = "trax_visit"
"""Holds what a link was opened with. It is sent to that link's own addresses alone."""

SECURE_VISIT_COOKIE = f"__Secure-{VISIT_COOKIE}"
"""The same by TLS."""

SHARED = "/v1/shared/"
"""Before a link's id: where what it shows is."""

_KINDS = ("bearer", "token")  # the second by clients of Deepgram
_OURS = ("same-origin", "none")  # of Sec-Fetch-Site; none: typed by a person


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that a request shows; empty if it shows none.

    Attributes:
        is_cookie: whether a browser has sent it by itself.
    """

    secret: str
    is_cookie: bool = False


def credential(headers: Headers, path: str, *, secure: bool) -> Credential:
    """What a request shows: its token if it has one, else its cookie; at the addresses of a link
    the cookie that came with opening it, if there is one.

    Args:
        path: what is asked for.
        secure: it comes by TLS: only a cookie counts that nobody but this host can have set.
    """
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() in _KINDS and token.strip():
        return Credential(token.strip())
    cookies = cookie_parser(headers.get("cookie", ""))
    secret = cookies.get(SECURE_COOKIE if secure else COOKIE) or ""
    if path.startswith(SHARED):
        secret = cookies.get(SECURE_VISIT_COOKIE if secure else VISIT_COOKIE) or secret
    return Credential(secret, is_cookie=bool(secret))


def is_same_origin(headers: Headers) -> bool:
    """Whether a browser says that a page of this very service asks."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if origin is None:
        return site in _OURS
    return site in (None, *_OURS) and _is_host(origin, headers)


def is_foreign(headers: Headers, *, local: bool) -> bool:
    """Whether a browser says that a page of another site asks.

    Args:
        local: a request that comes by another name than this machine's is foreign, too.
    """
    if local and not _is_local(headers):
        return True
    origin = headers.get("origin")
    return origin is not None and not _is_host(origin, headers)


def give_cookie(response: Response, opened: NewSession, *, secure: bool) -> None:
    """Have a browser send a session's secret, and no script read it."""
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        opened.secret,
        max_age=round(LASTS.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def give_visit_cookie(response: Response, visit: Visit, *, secure: bool) -> None:
    """Have a browser send what a link was opened with to the link's own addresses, where players
    and downloads cannot send a token.
    """
    response.set_cookie(
        SECURE_VISIT_COOKIE if secure else VISIT_COOKIE,
        visit.secret,
        expires=visit.expires_at,
        path=f"{SHARED}{visit.link.id}/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def take_cookie(response: Response) -> None:
    """Have a browser forget a session."""
    for name in (COOKIE, SECURE_COOKIE):
        is_secure = name == SECURE_COOKIE
        response.delete_cookie(name, path="/", secure=is_secure, httponly=True, samesite="lax")


def _is_local(headers: Headers) -> bool:
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname in LOCAL_HOSTS
    except ValueError:
        return False


def _is_host(origin: str, headers: Headers) -> bool:
    try:
        return urlsplit(origin).netloc == headers.get("host", "")
    except ValueError:
        return False
