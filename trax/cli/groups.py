"""``trax groups``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.store import FolderRepository, Group

app = typer.Typer(rich_markup_mode="markdown")

_Name = Annotated[str, typer.Argument(help="The group's name.")]


@app.callback(invoke_without_command=True)
def groups(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Manage groups of users, with whom folders are shared.

    Without a command, groups are listed.

    **Examples**

    `trax groups set newsroom anna ben`

    `trax folders share 3f2a9c01d4e5b6a7 --group newsroom=editor`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List groups and their members, as `trax groups` alone does."""
    with edge():
        from trax.cli.tables import plain

        found = _folders().groups()
        if as_json:
            print_json(plain(found))
        elif found:
            _show(found)
        else:
            out().print("There are no groups yet; `trax groups set NAME USER ...` makes one.")


@app.command("set")
def set_(
    name: _Name,
    users: Annotated[list[str] | None, typer.Argument(help="Names of all its users.")] = None,
) -> None:
    """Have a group consist of these users and nobody else; it is made if it is new.

    **Example**

    `trax groups set newsroom anna ben`
    """
    with edge():
        from trax.service.folders import checked_name

        kept = _folders().set_group(checked_name(name), users or [])
        members = ", ".join(kept.members) or "nobody"
        out().print(f"group {kept.name}: {members}", markup=False)


@app.command()
def remove(name: _Name) -> None:
    """Remove a group, and what was shared with it."""
    with edge():
        _folders().remove_group(name)
        out().print(f"group {name} is removed", markup=False)


def _folders() -> "FolderRepository":
    from trax.compose import open_database
    from trax.settings import load_settings
    from trax.store import FolderRepository

    return FolderRepository(open_database(load_settings()))


def _show(found: "Sequence[Group]") -> None:
    from rich.markup import escape

    from trax.cli.tables import table

    rows = [(escape(group.name), escape(", ".join(group.members))) for group in found]
    out().print(table(("name", "members"), rows))
