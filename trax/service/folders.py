"""Folders: made, shared, filled; and what somebody may do with a thing."""

from collections.abc import Callable, Mapping

from trax.errors import AccessDenied, InvalidOption, NotFound
from trax.service.access import Caller
from trax.store import Folder, FolderRepository, Role, Sight
from trax.store.sight import may
from trax.work.workspace import Workspace

LONGEST_NAME = 200

_DO: Mapping[Role, str] = {
    "viewer": "read",
    "editor": "change",
    "owner": "share, move or remove",
}

_Find = Callable[[Workspace, str, Sight], Role | None]


def seen(workspace: Workspace, caller: Caller, kind: str, reference: str, role: Role) -> str:
    """The full id of a thing that *caller* sees and may do with what *role* may.

    Args:
        kind: ``transcript``, ``job``, ``recording`` or ``folder``.
        reference: its id; of a transcript also the id's beginning, or ``latest``.

    Raises:
        NotFound: they see none; nobody learns whether it is there.
        InvalidOption: several begin with *reference*.
        AccessDenied: they may only do less with it.
    """
    sight = caller.sight
    if sight.is_whole:
        return reference
    if kind == "transcript":
        reference = workspace.repository.resolve(reference, sight)
    found = None
    if "\0" not in reference:
        found = _ROLES[kind](workspace, reference, sight)
    if found is None:
        raise NotFound(kind, reference)
    if not may(found, role):
        raise AccessDenied(f"you may not {_DO[role]} this {kind}")
    return reference


def check_folder(workspace: Workspace, caller: Caller, folder_id: str) -> None:
    """Refuse whoever may not put something in a folder.

    Raises:
        NotFound: they see no such folder.
        AccessDenied: they may not change what is in it.
    """
    if not may(workspace.folders.get(folder_id, caller.sight).role, "editor"):
        raise AccessDenied("you may not change what is in this folder")


def create(folders: FolderRepository, caller: Caller, name: str) -> Folder:
    """Make a folder of whoever asks.

    Raises:
        InvalidOption: the name is empty or too long.
    """
    folder_id = folders.add(caller.account, checked_name(name))
    return folders.get(folder_id, caller.sight)


def checked_name(name: str) -> str:
    """A folder's or group's name as it is kept.

    Raises:
        InvalidOption: it is empty or too long.
    """
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST_NAME or "\0" in kept:
        raise InvalidOption(f"a name has 1 to {LONGEST_NAME} characters")
    return kept


def move(workspace: Workspace, caller: Caller, transcript_id: str, folder_id: str | None) -> None:
    """Put a transcript in a folder, whose other users may then read or change it.

    Raises:
        NotFound: the caller sees no such folder.
        AccessDenied: they may not change what is in it.
    """
    if folder_id is not None:
        check_folder(workspace, caller, folder_id)
    workspace.folders.move(transcript_id, folder_id)


def give(workspace: Workspace, transcript_id: str, user: str) -> None:
    """Make a transcript another user's.

    Raises:
        NotFound: there is no such user.
    """
    account = workspace.users.get(user).id
    name = workspace.repository.versions(transcript_id)[0].name
    workspace.folders.give(transcript_id, account, name)


def _in_folder(workspace: Workspace, folder_id: str, sight: Sight) -> Role | None:
    try:
        return workspace.folders.get(folder_id, sight).role
    except NotFound:
        return None


_ROLES: Mapping[str, _Find] = {
    "transcript": lambda workspace, key, sight: workspace.folders.role_in_transcript(key, sight),
    "job": lambda workspace, key, sight: workspace.folders.role_in_job(key, sight),
    "recording": lambda workspace, key, sight: workspace.folders.role_in_recording(key, sight),
    "folder": _in_folder,
}
