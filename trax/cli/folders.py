"""``trax folders``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.store import Folder, FolderRepository, Grant
    from trax.store.folders import GrantKind
    from trax.work.workspace import Workspace

app = typer.Typer(rich_markup_mode="markdown")

_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Folder = Annotated[str, typer.Argument(help="The folder's id.")]
_Name = Annotated[str, typer.Argument(help="The folder's name.")]
_Transcript = Annotated[str, typer.Argument(help="Id, or the beginning of it, or `latest`.")]


@app.callback(invoke_without_command=True)
def folders(context: typer.Context, as_json: _AsJson = False) -> None:
    """Manage folders, which share transcripts with users and groups.

    A viewer reads what is in a folder, an editor changes it, too. Without a command, folders are
    listed.

    **Examples**

    `trax folders create "Council meetings"`

    `trax folders share 3f2a9c01d4e5b6a7 --user anna=editor --group newsroom`

    `trax folders move latest 3f2a9c01d4e5b6a7`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command("list")
def list_(as_json: _AsJson = False) -> None:
    """List everybody's folders, as `trax folders` alone does."""
    with edge():
        from trax.cli.tables import plain
        from trax.service.access import OWNER

        found = _folders().all(OWNER.sight)
        if as_json:
            print_json(plain(found))
        elif found:
            _show(found)
        else:
            out().print("There are no folders yet; `trax folders create NAME` makes one.")


@app.command()
def create(name: _Name) -> None:
    """Make a folder, and print its id; it belongs to nobody and is shared with nobody yet.

    **Example**

    `trax folders create "Council meetings"`
    """
    with edge():
        from trax.service.access import OWNER
        from trax.service.folders import create as create_folder

        made = create_folder(_folders(), OWNER, name)
        out().print(made.id, markup=False)


@app.command()
def rename(folder: _Folder, name: _Name) -> None:
    """Rename a folder, for everybody who sees it."""
    with edge():
        from trax.service.folders import checked_name

        kept = _folders()
        known = _found(kept, folder)
        kept.rename(known.id, checked_name(name))
        out().print(f"folder {folder} is renamed", markup=False)


@app.command()
def remove(folder: _Folder) -> None:
    """Remove a folder; what is in it stays with its owners, shared with nobody."""
    with edge():
        kept = _folders()
        kept.remove(_found(kept, folder).id)
        out().print(f"folder {folder} is removed", markup=False)


@app.command()
def share(
    folder: _Folder,
    user: Annotated[
        list[str] | None,
        typer.Option("--user", help="NAME, or NAME=editor; may be given several times."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", help="NAME, or NAME=editor; may be given several times."),
    ] = None,
) -> None:
    """Share a folder with these users and groups, and nobody else; without any, with nobody.

    **Example**

    `trax folders share 3f2a9c01d4e5b6a7 --user anna=editor --group newsroom`
    """
    with edge():
        kept = _folders()
        known = _found(kept, folder)
        grants = [_grant("user", each) for each in user or ()]
        grants += [_grant("group", each) for each in group or ()]
        kept.share(known.id, grants)
        shown = _shared(_found(kept, folder)) or "nobody"
        out().print(f"folder {folder} is shared with {shown}", markup=False)


@app.command()
def move(
    transcript: _Transcript,
    folder: Annotated[
        str | None, typer.Argument(help="The folder's id; without one it is in none.")
    ] = None,
) -> None:
    """Put a transcript and its jobs in a folder, or in none.

    **Example**

    `trax folders move latest 3f2a9c01d4e5b6a7`
    """
    with edge():
        from trax.service.access import OWNER
        from trax.service.folders import move as move_to

        workspace = _workspace()
        known = workspace.repository.resolve(transcript)
        move_to(workspace, OWNER, known, folder)
        place = f"folder {folder}" if folder else "no folder"
        out().print(f"transcript {known} is in {place}", markup=False)


@app.command()
def give(
    transcript: _Transcript,
    user: Annotated[str, typer.Argument(help="Whose it is from now on.")],
) -> None:
    """Give a transcript to a user; it is in no folder then, and links to it are revoked.

    **Example**

    `trax folders give 3f2a anna`
    """
    with edge():
        from trax.service.folders import give as give_to

        workspace = _workspace()
        known = workspace.repository.resolve(transcript)
        give_to(workspace, known, user)
        out().print(f"transcript {known} belongs to {user}", markup=False)


def _grant(kind: "GrantKind", text: str) -> "Grant":
    """What ``NAME`` or ``NAME=ROLE`` gives."""
    from trax.errors import InvalidOption
    from trax.store import Grant

    name, _, role = text.partition("=")
    if role == "editor":
        return Grant(kind, name, "editor")
    if role in ("", "viewer"):
        return Grant(kind, name, "viewer")
    raise InvalidOption(f"{text!r}: a role is viewer or editor")


def _found(kept: "FolderRepository", folder: str) -> "Folder":
    from trax.service.access import OWNER

    return kept.get(folder, OWNER.sight)


def _folders() -> "FolderRepository":
    from trax.compose import open_database
    from trax.settings import load_settings
    from trax.store import FolderRepository

    return FolderRepository(open_database(load_settings()))


def _workspace() -> "Workspace":
    from trax.compose import build_workspace
    from trax.settings import load_settings

    return build_workspace(load_settings())


def _shared(folder: "Folder") -> str:
    """Whom a folder is shared with, for people."""
    return ", ".join(f"{each.kind} {each.name} ({each.role})" for each in folder.grants)


def _show(found: "Sequence[Folder]") -> None:
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (each.id, escape(each.name), moment(each.created_at), escape(_shared(each)))
        for each in found
    ]
    out().print(table(("id", "name", "made", "shared with"), rows))
