"""Uploads that can be resumed: tus 1.0 with creation, creation-with-upload, termination, expiration
and checksum.
"""

import base64
import binascii
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from trax.errors import InvalidOption, UploadBusy, WrongChecksum, WrongOffset
from trax.service import resumable
from trax.service.resumable import CHECKSUMS, Appending
from trax.service.serving import Service
from trax.store import Upload
from trax.web.asking import Submitter, TheService, caller_of
from trax.web.forms import receive_body
from trax.web.problems import error_problem, problem, responses

VERSION = "1.0.0"
PATCH_TYPE = "application/offset+octet-stream"

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

_EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"


@router.options("", status_code=204, summary="What uploads can be resumed with")
def options(service: TheService) -> Response:
    """Version and extensions of tus, and how large a recording may be."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": _EXTENSIONS,
        "Tus-Max-Size": str(service.workspace.limits.size_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status_code=204, headers=headers)


@router.head("/{upload_id}", summary="How much of an upload has come", responses=responses(404))
def head(upload_id: str, service: TheService, caller: Submitter) -> Response:
    """`Upload-Offset` is where to go on."""
    upload = resumable.find_resumable(service.workspace, upload_id, caller.id)
    come = resumable.offset(service.workspace, upload)
    headers = _headers(upload, come) | {
        "Upload-Length": str(upload.size_bytes),
        "Cache-Control": "no-store",
    }
    return Response(status_code=200, headers=headers)


@router.patch(
    "/{upload_id}",
    status_code=204,
    summary="Send the next bytes of an upload",
    responses=responses(404, 409, 413, 415, 423),
    openapi_extra={
        "requestBody": {"content": {PATCH_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def patch(upload_id: str, request: Request) -> Response:
    """Those that begin at `Upload-Offset`. What has come when the connection breaks is kept."""
    caller = caller_of(request)
    caller.check("jobs")
    service: Service = request.app.state.service
    refused = _refused(request)
    if refused is not None:
        return refused
    workspace = service.workspace
    upload = await run_in_threadpool(resumable.find_resumable, workspace, upload_id, caller.id)
    return await append(request, service, upload, _number(request, "upload-offset"), 204)


@router.delete(
    "/{upload_id}", status_code=204, summary="Remove an upload", responses=responses(404)
)
def delete(
    upload_id: str,
    service: TheService,
    caller: Submitter,
    tus_resumable: Annotated[str, Header(description="Version of tus.")] = VERSION,  # noqa: ARG001
) -> None:
    """Jobs that were made of it stay."""
    upload = resumable.find_resumable(service.workspace, upload_id, caller.id)
    resumable.remove(service.workspace, upload)


async def create(request: Request, service: Service) -> Response:
    """Make room for an upload, and take what the request has of it already.

    Raises:
        InvalidOption: there is no length, or what is said of the recording cannot be read.
        LimitExceeded: it is larger than allowed.
    """
    refused = _refused(request, with_body=False)
    if refused is not None:
        return refused
    caller = caller_of(request)
    length = _number(request, "upload-length")
    name = metadata(request.headers.get("upload-metadata", "")).get("filename", "recording")
    upload = await run_in_threadpool(resumable.begin, service.workspace, caller.id, length, name)
    location = {"Location": f"/v1/uploads/{upload.id}"}
    if request.headers.get("content-type") != PATCH_TYPE:
        return Response(status_code=201, headers=_headers(upload, 0) | location)
    answer = await append(request, service, upload, 0, 201)
    answer.headers.update(location)
    return answer


async def append(
    request: Request, service: Service, upload: Upload, at: int, status: int
) -> Response:
    """Take the bytes of a request; *status* tells that they were taken."""
    try:
        if upload.source:
            raise WrongOffset("all bytes have come already")
        checksum = _checksum(request.headers.get("upload-checksum", ""))
        part = await run_in_threadpool(Appending, service.workspace, upload, at, checksum)
        try:
            await receive_body(request, part)
            come = await run_in_threadpool(part.finish)
        finally:
            await run_in_threadpool(part.close)
    except (UploadBusy, WrongOffset, WrongChecksum) as error:  # a new upload says where it lies
        return error_problem(request.scope, error)
    return Response(status_code=status, headers=_headers(upload, come))


def metadata(text: str) -> dict[str, str]:
    """What is said of a recording: names, each with a value in Base64.

    >>> metadata("filename Y2FsbC53YXY=, private")
    {'filename': 'call.wav', 'private': ''}
    """
    found = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = pair.partition(" ")
        found[name] = _decoded(value).decode("utf-8", "replace")
    return found


def _refused(request: Request, *, with_body: bool = True) -> Response | None:
    """Why a request is not tus as it is spoken here; ``None`` if it is."""
    if request.headers.get("tus-resumable") != VERSION:
        supported = {"Tus-Version": VERSION}
        return problem(request.scope, 412, f"only tus {VERSION} is spoken here", headers=supported)
    if with_body and request.headers.get("content-type") != PATCH_TYPE:
        return problem(request.scope, 415, f"the body must be {PATCH_TYPE}")
    return None


def _number(request: Request, name: str) -> int:
    value = request.headers.get(name, "")
    if not value.isdecimal() or len(value) > 18:
        raise InvalidOption(f"{name.title()} must be a number of bytes")
    return int(value)


def _checksum(text: str) -> tuple[str, bytes] | None:
    if not text:
        return None
    name, _, value = text.partition(" ")
    if name not in CHECKSUMS:
        raise InvalidOption(f"checksums are {', '.join(CHECKSUMS)}, not {name!r}")
    return name, _decoded(value)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidOption(f"{text!r} is not Base64") from error


def _headers(upload: Upload, come: int) -> dict[str, str]:
    return {
        "Upload-Offset": str(come),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
