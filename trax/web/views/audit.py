"""The audit log as JSON."""

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from trax.web.views.base import View


class AuditView(View):
    """Something that was done, read or refused."""

    at: datetime
    actor: str = Field(description="Who.", examples=["user anna"])
    action: str = Field(description="What.", examples=["access.read", "transcript.moved"])
    subject: str = Field(description="To what: an id, or a place.")
    details: dict[str, Any]


class AuditPage(View):
    """Some entries, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "at": "2026-11-26T20:00:00Z",
                        "actor": "user anna",
                        "action": "access.read",
                        "subject": "3f2a9c01aa10",
                        "details": {"route": "GET /v1/transcripts/{transcript_id}", "status": 200},
                    }
                ],
                "next_cursor": None,
            }
        }
    )

    items: list[AuditView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")
