"""Which transcripts to list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func

from trax.store.account_tables import HoldingRow
from trax.store.tables import RecordingRow, SpeakerRow, TranscriptRow
from trax.store.tags import is_tagged

RECORDING_NAME = func.coalesce(HoldingRow.name, RecordingRow.name)
"""What a recording is called: others may have the same, and call it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which transcripts to list; what is left out does not matter.

    Attributes:
        name: part of the recording's name, in any case.
        language: ISO 639-1 code.
        speaker: part of a speaker's name, in any case.
        speakers: at least so many.
        most_speakers: at most so many.
        since: saved then or later.
        folder_id: in that folder.
        tags: with each of these.
    """

    name: str = ""
    language: str = ""
    speaker: str = ""
    speakers: int | None = None
    most_speakers: int | None = None
    since: datetime | None = None
    folder_id: str | None = None
    tags: tuple[str, ...] = ()


ANY = Wanted()
"""Every transcript."""


def conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What a row of a list must fulfil, with recordings and holdings joined."""
    if wanted.name:
        yield RECORDING_NAME.icontains(wanted.name, autoescape=True)
    if wanted.language:
        yield TranscriptRow.language == wanted.language
    if wanted.speaker:
        yield _is_there(wanted.speaker)
    if wanted.speakers is not None:
        yield TranscriptRow.speakers >= wanted.speakers
    if wanted.most_speakers is not None:
        yield TranscriptRow.speakers <= wanted.most_speakers
    if wanted.since is not None:
        yield TranscriptRow.created_at >= wanted.since
    if wanted.folder_id is not None:
        yield HoldingRow.folder_id == wanted.folder_id
    for tag in wanted.tags:
        yield is_tagged(tag)


def _is_there(name: str) -> ColumnElement[bool]:
    """Whether somebody whose name has *name* in it speaks."""
    return exists().where(
        SpeakerRow.transcript_id == TranscriptRow.id,
        SpeakerRow.version == TranscriptRow.version,
        SpeakerRow.name.icontains(name, autoescape=True),
    )
