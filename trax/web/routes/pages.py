"""The web interface: built files, and one page that shows itself at each of its addresses."""

import gzip
import mimetypes
import secrets
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Response

from trax.web.gate import ASSETS, PAGES

router = APIRouter(include_in_schema=False)

_STATIC = files("trax.web") / "static"
_COMPRESSED = (".css", ".js", ".svg")
_FOR_EVER = "public, max-age=31536000, immutable"  # names hold a digest of what is in them
_NONCE = '<meta name="csp-nonce" content="'
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


def page() -> Response:
    """The page; which part of it an address means is its own business (web/src/routes.ts)."""
    nonce = secrets.token_urlsafe(16)
    document = _document().replace(_NONCE, _NONCE + nonce)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": _POLICY.format(nonce=nonce),
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    }
    return Response(document, media_type="text/html", headers=headers)


for _first in PAGES:
    router.add_api_route(f"/{_first}", page)
    if _first:
        router.add_api_route(f"/{_first}/{{rest:path}}", page)


@router.get(f"{ASSETS}{{name}}")
def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """A built file, compressed for whoever takes that."""
    body = _asset(name)
    if body is None:
        raise HTTPException(404, "there is no such file")
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
    if name.endswith(_COMPRESSED) and "gzip" in accept_encoding:
        body = _compressed(body)
        headers["Content-Encoding"] = "gzip"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(body, media_type=kind, headers=headers)


@lru_cache
def _document() -> str:
    return (_STATIC / "index.html").read_text("utf-8")


@lru_cache(maxsize=256)
def _asset(name: str) -> bytes | None:
    path = _STATIC / "assets" / name
    return path.read_bytes() if path.is_file() else None


@lru_cache(maxsize=256)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
