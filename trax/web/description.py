"""The description of the API, as OpenAPI 3.1."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from trax.web.credentials import COOKIE
from trax.web.problems import MEDIA_TYPE

SUMMARY = """
Recordings in; transcripts out that say who said what, when, and how sure we are.

Send a recording to `/v1/uploads`, make a job of it at `/v1/jobs`, and read its transcript at
`/v1/transcripts`. Times are RFC 3339, durations and positions seconds. Errors are RFC 9457
problems. Lists come in pages: pass `next_cursor` as `cursor`.
"""

TAGS = [
    {"name": "uploads", "description": "Recordings that are handed in."},
    {"name": "jobs", "description": "Recordings that are transcribed."},
    {"name": "live", "description": "Captions of what is being said."},
    {"name": "events", "description": "What happens to jobs, as it happens."},
    {"name": "webhooks", "description": "Being told of what happens to jobs."},
    {"name": "transcripts", "description": "Documents, versions, exports, search."},
    {"name": "revisions", "description": "What people change: kept for ever, and taken back."},
    {"name": "coediting", "description": "Transcripts that several people edit at once."},
    {"name": "passages", "description": "Parts of transcripts, and what to hear again."},
    {"name": "media", "description": "Recordings to be played and drawn in a browser."},
    {"name": "recordings", "description": "Recordings by their content, and what is kept."},
    {"name": "adapters", "description": "What recognition has learnt of how people speak."},
    {"name": "revoicing", "description": "Speakers' words again in other voices."},
    {"name": "voices", "description": "Known voices, learned with consent."},
    {"name": "analytics", "description": "How fast, how sure and how dear transcription is."},
    {"name": "about", "description": "What the service can do."},
    {"name": "tokens", "description": "Who may use the service."},
    {"name": "folders", "description": "Folders, which share transcripts, and groups."},
    {"name": "links", "description": "Links that share a transcript with whoever has them."},
    {"name": "users", "description": "Signing in and out, and who may."},
    {"name": "openai", "description": "What clients of OpenAI ask for."},
    {"name": "health", "description": "Whether the service lives, and whether it can work."},
]


_EXAMPLES = Path(__file__).with_name("examples.json")

_FRAMEWORKS = "HTTPValidationError"
"""What FastAPI says that it answers, and this application never does."""


def add_description(app: FastAPI) -> None:
    """Describe *app*: every problem as one, and that a token may be needed."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _finished(made())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _finished(described: dict[str, Any]) -> dict[str, Any]:
    for methods in described["paths"].values():
        for route in methods.values():
            route["responses"] = {
                status: _described(answer)
                for status, answer in route["responses"].items()
                if _FRAMEWORKS not in str(answer)
            }
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in (_FRAMEWORKS, "ValidationError"):
        schemas.pop(name, None)
    for name, example in _examples().items():
        if name in schemas:
            schemas[name].setdefault("examples", [example])
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    }
    described["security"] = [{"token": []}, {"session": []}, {}]
    return described


@cache
def _examples() -> dict[str, Any]:
    """An example of each view that has none of its own, by its name."""
    found: dict[str, Any] = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return found


def _described(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer; a problem is never of another media type."""
    content = answer.get("content", {})
    if MEDIA_TYPE in content:
        return answer | {"content": {MEDIA_TYPE: content[MEDIA_TYPE]}}
    return answer
