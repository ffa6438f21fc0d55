"""Pages of other sites that may use the API."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SENT = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Range",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
)
_SEEN = (
    "ETag",
    "Content-Disposition",
    "Content-Range",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Tus-Resumable",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Offset",
    "X-Request-ID",
)


def add_origins(app: FastAPI, origins: str) -> None:
    """Let pages of *origins*, parted by commas, use *app* with a token; their browsers send no
    cookies.
    """
    named = [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()]
    if named:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=named,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_SEEN,
            max_age=600,
        )
