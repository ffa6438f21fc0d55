"""Bytes sent whole or in the part that was asked for (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from email.utils import format_datetime

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from trax.service.media import Served
from trax.web.matching import names_tag
from trax.web.problems import problem

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def answer_part(request: Request, served: Served) -> Response:
    """*served*, or the part that the request's `Range` names; 304 if the caller has it, 416 if
    there is no such part.

    Several ranges at once are answered by everything, as the standard allows.
    """
    tag = f'"{served.tag}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(served.modified_at, usegmt=True),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    if names_tag(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    wanted = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if wanted is None or not _still_holds(request, headers):
        return _sent(request, served, range(served.size_bytes), headers)
    part = _part(wanted[1], wanted[2], served.size_bytes)
    if part is None:
        headers["Content-Range"] = f"bytes */{served.size_bytes}"
        detail = f"there is no such part of {served.size_bytes} bytes"
        return problem(request.scope, 416, detail, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{served.size_bytes}"
    return _sent(request, served, part, headers)


def _sent(request: Request, served: Served, part: range, headers: dict[str, str]) -> Response:
    headers["Content-Length"] = str(len(part))
    status = 206 if "Content-Range" in headers else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=served.media_type)
    chunks: Iterator[bytes] = served.chunks(part.start, len(part))
    return StreamingResponse(chunks, status, headers, served.media_type)


def _part(first: str, last: str, size_bytes: int) -> range | None:
    """The bytes that a range names; ``None`` if there are none such."""
    if not first and not last:
        return None
    if first:
        start = int(first)
        stop = min(int(last) + 1, size_bytes) if last else size_bytes
    else:
        start = max(0, size_bytes - int(last))
        stop = size_bytes
    return range(start, stop) if start < stop else None


def _still_holds(request: Request, headers: dict[str, str]) -> bool:
    """Whether the caller has other parts of the same bytes, or none yet."""
    condition = request.headers.get("if-range", "").strip()
    return condition in ("", headers["ETag"], headers["Last-Modified"])
