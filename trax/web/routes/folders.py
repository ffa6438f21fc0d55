"""Folders, which share transcripts, and groups to share them with."""

from fastapi import APIRouter

from trax.errors import NotFound
from trax.service import folders
from trax.store import Folder
from trax.web.asking import Administrator, Editor, Reader, TheService
from trax.web.problems import responses
from trax.web.things import needs
from trax.web.views.folders import (
    AccessView,
    FolderList,
    FolderView,
    GrantView,
    GroupList,
    GroupView,
    Members,
    NewFolder,
    NewOwner,
    Placed,
    Sharing,
)

router = APIRouter(prefix="/v1", tags=["folders"])


@router.get("/folders", summary="List folders")
def index(service: TheService, caller: Reader) -> FolderList:
    """Yours and those that are shared with you, by name."""
    found = service.workspace.folders.all(caller.sight)
    return FolderList(items=[_view(each) for each in found])


@router.post("/folders", status_code=201, summary="Make a folder")
def post(body: NewFolder, service: TheService, caller: Editor) -> FolderView:
    """It is yours, and shared with nobody yet."""
    return _view(folders.create(service.workspace.folders, caller, body.name))


@router.get("/folders/{folder_id}", summary="Show a folder", responses=responses(404))
def get(folder_id: str, service: TheService, caller: Reader) -> FolderView:
    """`/v1/transcripts?folder=` lists what is in it."""
    return _view(service.workspace.folders.get(folder_id, caller.sight))


@router.patch("/folders/{folder_id}", summary="Rename a folder", responses=responses(404))
@needs("owner")
def patch(folder_id: str, body: NewFolder, service: TheService, caller: Editor) -> FolderView:
    """For everybody who sees it."""
    kept = service.workspace.folders
    kept.get(folder_id, caller.sight)
    kept.rename(folder_id, folders.checked_name(body.name))
    return _view(kept.get(folder_id, caller.sight))


@router.delete(
    "/folders/{folder_id}", status_code=204, summary="Remove a folder", responses=responses(404)
)
@needs("owner")
def delete(folder_id: str, service: TheService, caller: Editor) -> None:
    """What is in it stays with its owners, shared with nobody."""
    service.workspace.folders.get(folder_id, caller.sight)
    service.workspace.folders.remove(folder_id)


@router.put("/folders/{folder_id}/grants", summary="Share a folder", responses=responses(404))
@needs("owner")
def share(folder_id: str, body: Sharing, service: TheService, caller: Editor) -> FolderView:
    """With these users and groups, and nobody else."""
    kept = service.workspace.folders
    kept.get(folder_id, caller.sight)
    kept.share(folder_id, [each.grant() for each in body.grants])
    return _view(kept.get(folder_id, caller.sight))


@router.get(
    "/transcripts/{transcript_id}/access",
    summary="Show what you may do with a transcript",
    responses=responses(404),
)
def access(transcript_id: str, service: TheService, caller: Reader) -> AccessView:
    """A viewer reads, an editor changes, an owner shares."""
    workspace = service.workspace
    known = workspace.repository.resolve(transcript_id, caller.sight)
    role = workspace.folders.role_in_transcript(known, caller.sight)
    if role is None:
        raise NotFound("transcript", transcript_id)
    return AccessView(role=role)


@router.put(
    "/transcripts/{transcript_id}/folder",
    status_code=204,
    summary="Put a transcript in a folder",
    responses=responses(404),
)
@needs("owner")
def move(transcript_id: str, body: Placed, service: TheService, caller: Editor) -> None:
    """Whoever sees the folder sees it from then on."""
    known = service.workspace.repository.resolve(transcript_id, caller.sight)
    folders.move(service.workspace, caller, known, body.folder)


@router.put(
    "/transcripts/{transcript_id}/owner",
    status_code=204,
    summary="Make a transcript somebody's",
    responses=responses(404),
)
def give(transcript_id: str, body: NewOwner, service: TheService, caller: Administrator) -> None:
    """It is in no folder then. What was made before there were users is nobody's."""
    known = service.workspace.repository.resolve(transcript_id, caller.sight)
    folders.give(service.workspace, known, body.user)


@router.get("/groups", summary="List groups")
def groups(service: TheService, _caller: Administrator) -> GroupList:
    """By name, with their members."""
    found = service.workspace.folders.groups()
    return GroupList(items=[GroupView.model_validate(each) for each in found])


@router.put("/groups/{name}", summary="Have a group consist of users")
def put_group(name: str, body: Members, service: TheService, _caller: Administrator) -> GroupView:
    """Made if it is new."""
    kept = service.workspace.folders.set_group(folders.checked_name(name), body.members)
    return GroupView.model_validate(kept)


@router.delete(
    "/groups/{name}", status_code=204, summary="Remove a group", responses=responses(404)
)
def delete_group(name: str, service: TheService, _caller: Administrator) -> None:
    """And what was shared with it."""
    service.workspace.folders.remove_group(name)


def _view(folder: Folder) -> FolderView:
    return FolderView(
        id=folder.id,
        name=folder.name,
        created_at=folder.created_at,
        role=folder.role,
        grants=[GrantView.of(each) for each in folder.grants],
    )
