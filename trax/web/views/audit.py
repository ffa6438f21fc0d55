"""The audit log as JSON."""

from datetime import datetime
from typing import Any

from pydantic import Field

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

    items: list[AuditView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")
