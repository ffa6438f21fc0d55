"""Transcripts as JSON."""

from datetime import datetime

from pydantic import Field

from trax.web.views.base import View


class SummaryView(View):
    """A transcript as lists show it."""

    id: str
    version: int = Field(description="The newest version, or the one that is shown.")
    name: str = Field(description="The recording's name.")
    duration: float = Field(description="Seconds.")
    language: str = Field(description="ISO 639-1 code; empty where nobody speaks.")
    speakers: int
    words: int
    expected_error_rate: float | None = Field(
        None, description="Share of words that are probably wrong, 0 to 1; null if unknown."
    )
    job_id: str | None = Field(description="The job that made this version.")
    created_at: datetime
    tags: list[str] = Field([], description="By name.")


class TranscriptPage(View):
    """Some transcripts, newest first."""

    items: list[SummaryView]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class VersionList(View):
    """Every version of a transcript, newest first."""

    items: list[SummaryView]


class HitView(View):
    """A segment in which something was found."""

    transcript_id: str
    version: int
    name: str = Field(description="The recording's name.")
    start: float = Field(description="Seconds.")
    end: float = Field(description="Seconds.")
    speaker: str | None
    text: str


class HitList(View):
    """Segments in which something was found, last saved first."""

    items: list[HitView]
