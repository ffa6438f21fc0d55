"""Transcripts as JSON."""

from datetime import datetime

from pydantic import Field

from trax.store import SearchHit, TranscriptSummary
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
    job_id: str | None = Field(description="The job that made this version.")
    created_at: datetime

    @classmethod
    def of(cls, summary: TranscriptSummary) -> "SummaryView":
        """The view of *summary*."""
        return cls(
            id=summary.id,
            version=summary.version,
            name=summary.name,
            duration=summary.duration,
            language=summary.language,
            speakers=summary.speakers,
            words=summary.words,
            job_id=summary.job_id,
            created_at=summary.created_at,
        )


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

    @classmethod
    def of(cls, hit: SearchHit) -> "HitView":
        """The view of *hit*."""
        return cls(
            transcript_id=hit.transcript_id,
            version=hit.version,
            name=hit.name,
            start=hit.start,
            end=hit.end,
            speaker=hit.speaker,
            text=hit.text,
        )


class HitList(View):
    """Segments in which something was found, last saved first."""

    items: list[HitView]
