"""Known voices: learned with consent, renamed, merged, forgotten, exported."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from trax.errors import AccessDenied, InvalidOption, NotFound
from trax.service import voices
from trax.service.access import Caller
from trax.service.borrowed import made_with, remove_made
from trax.service.folders import seen
from trax.service.serving import Service
from trax.service.uploads import find
from trax.store import Profile
from trax.web.asking import TheService, allowed
from trax.web.problems import responses
from trax.web.views.jobs import JobView
from trax.web.views.voices import (
    MadeList,
    NewVoice,
    OtherVoice,
    Touched,
    VoiceExport,
    VoiceList,
    VoiceName,
    VoiceView,
)
from trax.work.recordings import recording_file

router = APIRouter(prefix="/v1/voices", tags=["voices"], responses=responses(404))

Keeper = Annotated[Caller, Depends(allowed("voices"))]


@router.get("", summary="List known voices")
def index(service: TheService, _caller: Keeper) -> VoiceList:
    """By name."""
    found = service.workspace.profiles.all()
    return VoiceList(items=[VoiceView.model_validate(each) for each in found])


@router.post("", status_code=201, summary="Learn a voice")
def enroll(body: NewVoice, service: TheService, caller: Keeper) -> VoiceView:
    """From a speaker of a transcript, who has that name there from now on, or from a recording of
    that person alone. A known voice is learned better. Ten seconds or more of speech are good.
    """
    return VoiceView.model_validate(_learned(service, caller, body))


@router.get("/{name}", summary="Export a voice")
def export(name: str, service: TheService, _caller: Keeper) -> VoiceExport:
    """Everything that is kept of it: for the person who asks, or for another system."""
    return VoiceExport.model_validate(service.workspace.profiles.get(name))


@router.patch("/{name}", summary="Rename a voice")
def rename(name: str, body: VoiceName, service: TheService, _caller: Keeper) -> VoiceView:
    """In transcripts, too."""
    profiles = service.workspace.profiles
    voices.rename(profiles, name, body.name)
    return VoiceView.model_validate(profiles.get(body.name))


@router.post("/{name}/merge", summary="Merge two voices")
def merge(name: str, body: OtherVoice, service: TheService, _caller: Keeper) -> Touched:
    """Of the same person: the other one's name goes, in transcripts too."""
    merged = voices.merge(service.workspace.profiles, name, body.other)
    return Touched(transcripts=merged.transcripts)


@router.get("/{name}/made", summary="List what was made with a voice")
def made(name: str, service: TheService, caller: Keeper) -> MadeList:
    """Voice replacements that speak in the voice of somebody of that name, known or not."""
    found = made_with(service.workspace, name)
    mine = [job for job in found if _sees(service, caller, job.id)]
    return MadeList(items=[JobView.of(job) for job in mine], others=len(found) - len(mine))


@router.delete("/{name}", summary="Forget a voice")
def forget(
    name: str,
    service: TheService,
    caller: Keeper,
    remove: Annotated[
        bool, Query(alias="made", description="Remove what was made with it, too.")
    ] = False,
) -> Touched:
    """And its name in every transcript. Files that were exported stay as they are. Voice
    replacements that speak in it say so no longer, and recordings of it that were handed in for
    them are removed.
    """
    workspace = service.workspace
    found = made_with(workspace, name)
    if remove and not all(_sees(service, caller, job.id) for job in found):
        raise AccessDenied("others have made something with this voice: ask an administrator")
    if remove:
        remove_made(workspace, found)  # while they are found by the name
    touched = voices.forget(workspace, name)
    mine = [job.id for job in found if _sees(service, caller, job.id)]
    return Touched(transcripts=touched, jobs=mine)


def _sees(service: Service, caller: Caller, job_id: str) -> bool:
    try:
        seen(service.workspace, caller, "job", job_id, "editor")
    except (NotFound, AccessDenied):
        return False
    return True


def _learned(service: Service, caller: Caller, body: NewVoice) -> Profile:
    workspace = service.workspace
    if (body.transcript is None) == (body.upload is None):
        raise InvalidOption("name either a transcript with a speaker, or an upload")
    if body.upload is not None:
        upload = find(workspace, body.upload, caller.id)
        with recording_file(workspace, upload.source) as file:
            return voices.enroll_file(workspace, body.name, body.consent, file, body.model)
    if not body.speaker:
        raise InvalidOption("name the speaker of the transcript")
    transcript = seen(workspace, caller, "transcript", body.transcript or "", "editor")
    return voices.enroll_speaker(workspace, body.name, body.consent, transcript, body.speaker)
