"""Recordings: which there are, and their sound removed."""

from typing import Annotated

from fastapi import APIRouter, Query

from trax.service import teaching
from trax.service.adapters import saw
from trax.service.forgetting import forget_sound
from trax.service.live_service import forget_recording
from trax.web.asking import Administrator, Reader, TheRoom, TheService
from trax.web.paging import Cursor, Limit, cursor, page_of, read_cursor
from trax.web.problems import responses
from trax.web.routes.media import ByDigest, ThePlayer
from trax.web.views.jobs import JobView
from trax.web.views.media import MediaView
from trax.web.views.recordings import (
    Forgotten,
    RecordingDetails,
    RecordingPage,
    RecordingView,
)

router = APIRouter(prefix="/v1/recordings", tags=["recordings"])

_JOBS = 50  # that are shown


@router.get("", summary="List recordings")
def index(
    service: TheService,
    caller: Reader,
    limit: Limit = 50,
    page: Cursor = "",
) -> RecordingPage:
    """The newest first, each once, however many jobs it had."""
    found = service.workspace.recordings.newest(limit + 1, read_cursor(page), caller.sight)
    shown, last = page_of(found, limit)
    return RecordingPage(
        items=[RecordingView.model_validate(each) for each in shown],
        next_cursor=cursor((last.created_at, last.sha256)) if last else None,
    )


@router.get("/{recording_id}", summary="Show a recording", responses=responses(404))
def get(
    recording: ByDigest, service: TheService, caller: Reader, player: ThePlayer
) -> RecordingDetails:
    """By its SHA-256 or the beginning of it, with its jobs and what there is to be played."""
    jobs = service.workspace.jobs.of_recording(recording.sha256, _JOBS, caller.sight)
    return RecordingDetails(
        **dict(RecordingView.model_validate(recording)),
        media=MediaView.of(recording, player.state(recording)),
        jobs=[JobView.of(job) for job in jobs],
    )


@router.delete("/{recording_id}", summary="Remove a recording's sound", responses=responses(404))
def delete(
    recording_id: str,
    service: TheService,
    caller: Administrator,
    room: TheRoom,
    teach_again: Annotated[
        bool, Query(description="Make adapters that have learnt from it again without it.")
    ] = False,
) -> Forgotten:
    """What is kept of it, at once instead of when its time is over; what a live session has kept of
    it, too. Transcripts stay; files that it was read from are not touched. The same sound may be
    others', too: for administrators. 422 while a job works on it.
    """
    recording = service.workspace.recordings.get(recording_id)
    removed = forget_sound(service.workspace, recording)
    forget_recording(service, room.home, recording.sha256)
    cards = list(saw(service.workspace, recording.sha256))
    jobs = []
    if teach_again:
        jobs = teaching.teach_again(service, caller, cards, recording.sha256)
    return Forgotten(
        sha256=recording.sha256,
        removed=removed,
        adapters=[f"{card.name} for {card.base}" for card in cards],
        jobs=[job.id for job in jobs],
    )
