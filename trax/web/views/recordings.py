"""Recordings as JSON."""

from datetime import datetime

from pydantic import Field

from trax.web.views.base import View
from trax.web.views.jobs import JobView
from trax.web.views.media import MediaView


class RecordingView(View):
    """A recording, by the SHA-256 of its bytes."""

    sha256: str
    name: str
    size_bytes: int | None
    duration: float | None = Field(description="Seconds; null until it was decoded.")
    created_at: datetime


class RecordingDetails(RecordingView):
    """A recording with what was made of it."""

    media: MediaView = Field(description="What there is to be played.")
    jobs: list[JobView] = Field(description="Its newest jobs; they name its transcripts.")


class RecordingPage(View):
    """Some recordings, newest first."""

    items: list[RecordingView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class Forgotten(View):
    """What was removed of a recording."""

    sha256: str
    removed: list[str] = Field(description="Keys of the objects that were removed.")
    adapters: list[str] = Field(
        [], description="Adapters that have learnt from it; they can be made again without it."
    )
    jobs: list[str] = Field(
        [], description="Ids of the jobs that make them again, if that was asked for."
    )
