"""Errors as RFC 9457 problems: ``application/problem+json`` that says what to do."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from trax import errors
from trax.errors import Busy, NotFound, TooManyRequests, TraxError, Unidentified, code_of

MEDIA_TYPE = "application/problem+json"

_STATUSES: dict[type[TraxError], int] = {
    errors.NotFound: 404,
    errors.RefusedTarget: 422,
    errors.Unreachable: 422,
    errors.LimitExceeded: 413,
    errors.ModelUnavailable: 422,
    errors.MissingPart: 501,
    errors.InputError: 422,
    errors.SetupError: 503,
    errors.StoreUnavailable: 503,
    errors.Busy: 503,
    errors.NotReady: 503,
    errors.NoAnswer: 502,
    errors.Conflict: 409,
    errors.Unidentified: 401,
    errors.TooManyRequests: 429,
    errors.AccessDenied: 403,
    errors.UploadBusy: 423,
    errors.WrongOffset: 409,
    errors.WrongChecksum: 460,
    errors.Cancelled: 409,
}
"""The status of each class of errors and of those below it, the narrower one first."""

_FOREIGN = ("/v1/audio/", "/v1/models")
"""How paths begin at which clients of OpenAI ask."""

_NOT_AGAIN = (409, 422, 501)
"""Statuses for which OpenAI has 400."""

_AGAIN = "5"  # seconds after which something that may pass is worth another try

_log = logging.getLogger("trax.web")


class InvalidPart(BaseModel):
    """One part of a request that makes no sense."""

    where: str = Field(description="Where it stands in the request.", examples=["body.options"])
    message: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """What went wrong, as RFC 9457 describes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:trax:error:not-found",
                "title": "Not found",
                "status": 404,
                "detail": "there is no job '3f2a9c01aa10'",
                "transient": False,
                "about": {"kind": "job", "name": "3f2a9c01aa10"},
                "request_id": "0f8e6a52c1d34b7e",
            }
        }
    )

    type: str = Field(description="Names the kind of problem.")
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What went wrong, in one sentence.")
    transient: bool = Field(description="Whether the same request may succeed later.")
    request_id: str = Field(description="Names the request in the service's log.")
    errors: list[InvalidPart] | None = Field(None, description="The parts that make no sense.")
    about: dict[str, str | float] | None = Field(
        None, description="What the detail names, such as `kind` and `name` of what is not there."
    )


class ForeignError(BaseModel):
    """What went wrong, as OpenAI says it."""

    message: str
    type: str
    param: str | None
    code: str | None


class ForeignProblem(BaseModel):
    """An error as clients of OpenAI read it."""

    error: ForeignError


def foreign_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of errors with these statuses at OpenAI's paths."""
    return {
        status: {"description": HTTPStatus(status).phrase, "model": ForeignProblem}
        for status in statuses
    }


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of problems with these statuses."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "model": Problem,
            "content": {MEDIA_TYPE: schema},
        }
        for status in statuses
    }


def problem(
    scope: Scope,
    status: int,
    detail: str,
    kind: str = "",
    *,
    transient: bool = False,
    parts: list[InvalidPart] | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """The response that tells of a problem with a request.

    Args:
        scope: the request's.
        kind: words that name it, joined by hyphens; by default those of the status.
        more: what else this kind of problem has.
    """
    request_id = str(scope.get("state", {}).get("request_id", ""))
    if scope["path"].startswith(_FOREIGN):
        return foreign_problem(status, detail, kind, headers)
    named = kind or HTTPStatus(status).phrase.lower().replace(" ", "-")
    told = Problem(
        type=f"urn:trax:error:{named}",
        title=named.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        transient=transient,
        request_id=request_id,
        errors=parts,
    )
    content = told.model_dump(exclude_none=True) | dict(more or {})
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def foreign_problem(
    status: int, detail: str, kind: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem as OpenAI's clients read it, which try again after some statuses."""
    if status in _NOT_AGAIN:
        status = HTTPStatus.BAD_REQUEST
    is_theirs = status < HTTPStatus.INTERNAL_SERVER_ERROR
    told = {
        "message": detail,
        "type": "invalid_request_error" if is_theirs else "server_error",
        "param": None,
        "code": kind.replace("-", "_") or None,
    }
    return JSONResponse({"error": told}, status, dict(headers or {}))


def error_problem(scope: Scope, error: TraxError) -> JSONResponse:
    """The response that tells of *error*."""
    status = status_of(type(error))
    headers = {}
    if isinstance(error, Unidentified):
        headers["WWW-Authenticate"] = 'Bearer realm="trax"'
    if isinstance(error, TooManyRequests | Busy):
        headers["Retry-After"] = str(error.seconds)
    elif error.transient:
        headers["Retry-After"] = _AGAIN
    return problem(
        scope,
        status,
        _sentence(error),
        code_of(type(error).__name__),
        transient=error.transient,
        headers=headers,
        more=_about(error),
    )


def _about(error: TraxError) -> dict[str, Any]:
    """What an error names, for whoever says it in another language."""
    named = {key: each for key, each in vars(error).items() if isinstance(each, str | int | float)}
    return {"about": named} if named else {}


async def refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send an answer; a WebSocket is closed before it is open, which browsers see as 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, send)


def status_of(kind: type[TraxError]) -> int:
    """The HTTP status of an error of that class."""
    for each in kind.__mro__:
        if each in _STATUSES:
            return _STATUSES[each]
    return 500


def add_handlers(app: FastAPI) -> None:
    """Have every error of *app* answered by a problem."""
    app.add_exception_handler(TraxError, _on_error)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_defect)


async def _on_error(request: Request | WebSocket, error: Exception) -> Response:
    if not isinstance(error, TraxError):
        raise error
    if isinstance(request, WebSocket):
        await request.close(1008)  # before it is open: its client sees 403
        return Response()
    if status_of(type(error)) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("a request fails: %s", error)
    return error_problem(request.scope, error)


def _on_http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return problem(request.scope, error.status_code, str(error.detail), headers=error.headers)


def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    parts = [_part(each) for each in error.errors()]
    detail = "; ".join(f"{part.where}: {part.message}" for part in parts)
    return problem(request.scope, 422, detail, "invalid-request", parts=parts)


def _on_defect(request: Request, _error: Exception) -> JSONResponse:
    return problem(request.scope, 500, "something went wrong in the service; its log says what")


def _part(error: Mapping[str, Any]) -> InvalidPart:
    where = ".".join(str(each) for each in error["loc"])
    return InvalidPart(where=where, message=error["msg"].removeprefix("Value error, "))


def _sentence(error: TraxError) -> str:
    """An error's message; what is not found here needs no advice that names an edge."""
    if isinstance(error, NotFound) and not error.hint:
        return f"there is no {error.kind} {error.name!r}"
    return " ".join(str(error).split())
