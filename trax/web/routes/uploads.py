"""Recordings that are handed in."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from trax.errors import InvalidOption
from trax.service.serving import Service
from trax.service.uploads import Receiving, find
from trax.store import Upload
from trax.web.asking import Submitter, TheService, caller_of, fetcher_of
from trax.web.forms import form_described, read_form, receive_body
from trax.web.problems import responses
from trax.web.routes.tus import create
from trax.web.views.uploads import UploadView, UrlUpload

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

_RAW: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The recording's bytes.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_FORM = form_described({}, ["file"])
_FORM["requestBody"]["content"]["application/json"] = {"schema": UrlUpload.model_json_schema()}
_LARGEST_JSON = 1 << 14  # bytes


@router.put(
    "/{name}",
    status_code=201,
    response_model=UploadView,
    summary="Send a recording",
    openapi_extra=_RAW,
    responses=responses(413),
)
async def put(name: str, request: Request, response: Response) -> UploadView:
    """The body is the recording, the last part of the path what its file is called.

    `curl -T interview.mp3 http://127.0.0.1:8700/v1/uploads/`
    """
    service = _checked(request)
    recording = await run_in_threadpool(Receiving, service.workspace, name)
    try:
        await receive_body(request, recording)
        return await _finished(request, recording, response)
    finally:
        await run_in_threadpool(recording.close)


@router.post(
    "",
    status_code=201,
    response_model=UploadView,
    summary="Send a recording as a form",
    openapi_extra=_FORM,
    responses=responses(413),
)
async def post(request: Request, response: Response) -> UploadView | Response:
    """The form's field `file` is the recording.

    `curl -F file=@interview.mp3 http://127.0.0.1:8700/v1/uploads`

    A body in JSON, `{"url": "https://…"}`, has the recording fetched there, where the service
    allows that.

    With `Tus-Resumable: 1.0.0` an upload is begun that can be resumed, as tus has it.
    """
    service = _checked(request)
    if request.headers.get("content-type", "").partition(";")[0] == "application/json":
        return await _fetched(request, response)
    if "tus-resumable" in request.headers:
        return await create(request, service)
    form = await read_form(request, lambda name: Receiving(service.workspace, name))
    if form.recording is None:
        raise InvalidOption("the form has no file")
    try:
        return await _finished(request, form.recording, response)
    finally:
        await run_in_threadpool(form.recording.close)


@router.get("/{upload_id}", summary="Show an upload", responses=responses(404))
def get(upload_id: str, service: TheService, caller: Submitter) -> UploadView:
    """An upload can be seen by whoever sent it."""
    return UploadView.model_validate(find(service.workspace, upload_id, caller.id))


async def _fetched(request: Request, response: Response) -> UploadView:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_JSON:
            raise InvalidOption("the body must be a URL in JSON, and is too long")
    try:
        asked = UrlUpload.model_validate_json(bytes(body))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error
    upload = await fetcher_of(request).fetch(asked.url, caller_of(request).id)
    response.headers["Location"] = f"/v1/uploads/{upload.id}"
    return UploadView.model_validate(upload)


def _checked(request: Request) -> Service:
    """The service, for a caller who may send recordings: before any of the body is read."""
    caller_of(request).check("jobs")
    service: Service = request.app.state.service
    return service


async def _finished(request: Request, recording: Receiving, response: Response) -> UploadView:
    upload: Upload = await run_in_threadpool(recording.finish, caller_of(request).id)
    response.headers["Location"] = f"/v1/uploads/{upload.id}"
    return UploadView.model_validate(upload)
