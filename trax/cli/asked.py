"""Questions to a running service, whose answer may be anything: whatever listens there."""

from contextlib import suppress
from http import HTTPStatus
from typing import TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from trax.errors import AccessDenied, StoreUnavailable, TooManyRequests, TraxError, Unreachable

Value = TypeVar("Value")

_PROBLEM = "application/problem+json"
_TIMEOUT = 10.0  # seconds
_OURS = "urn:trax:error:"
_LONGEST = 300  # characters of what others say
_OTHER = "it is no Trax service, or one of another version"
_FROM_PROXIES = (502, 503, 504)


class Asked:
    """A service that is asked over HTTP.

    Args:
        server: its address.
        token: of an administrator; empty for none.

    Raises:
        AccessDenied: no token looks like that.
    """

    def __init__(self, server: str, token: str) -> None:
        self._server = server.rstrip("/")
        token = token.strip()
        if not token.isascii() or not token.isprintable() or " " in token:
            raise AccessDenied("the token in TRAX_TOKEN has characters that no token has")
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(headers=headers, timeout=_TIMEOUT)

    def for_a(self, kind: type[Value], path: str) -> Value:
        """The answer at *path*, read as *kind*.

        Raises:
            Unreachable: nothing answers, or something that is no Trax service, or one of another
                version.
            AccessDenied: the token is missing, unknown, or allows too little.
            StoreUnavailable: the service answers, but cannot be used now.
        """
        try:
            answer = self._client.get(self._server + path)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{self._server} does not answer: {error}") from error
        if answer.status_code != HTTPStatus.OK:
            raise self._refusal(answer)
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError:
            raise Unreachable(f"{self._server} answered with something else: {_OTHER}") from None

    def _refusal(self, answer: httpx.Response) -> TraxError:
        """What an answer without figures means."""
        status = answer.status_code
        detail = _problem(answer)
        if detail is None:
            return Unreachable(f"{self._server} answered {_named(status)}: {_guess(answer)}")
        told = f"{self._server} answered: {detail}"
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return AccessDenied(f"{told}; set TRAX_TOKEN to the token of an administrator")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return TooManyRequests(told, _seconds(answer))
        if status == HTTPStatus.NOT_FOUND:
            return Unreachable(f"{self._server} has no {answer.url.path}: its Trax is older")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return StoreUnavailable(told)
        return Unreachable(told)


def _problem(answer: httpx.Response) -> str | None:
    """What a Trax service says went wrong; ``None`` if something else answered."""
    if not answer.headers.get("Content-Type", "").startswith(_PROBLEM):
        return None
    with suppress(ValueError):
        found = answer.json()
        if isinstance(found, dict) and str(found.get("type")).startswith(_OURS):
            return _clean(str(found.get("detail") or _named(answer.status_code)))
    return None


def _seconds(answer: httpx.Response) -> int:
    given = answer.headers.get("Retry-After", "")
    return int(given) if given.isdecimal() else 1


def _named(status: int) -> str:
    with suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return str(status)


def _guess(answer: httpx.Response) -> str:
    """Who says so, if it is no Trax service."""
    if answer.status_code in _FROM_PROXIES:
        return "a proxy is there, and the service behind it does not answer"
    if answer.has_redirect_location:
        return f"it sends elsewhere, to {_clean(answer.headers['Location'])}"
    return "is it a Trax service?"


def _clean(text: str) -> str:
    """What others say, as a terminal may show it."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())[:_LONGEST]
