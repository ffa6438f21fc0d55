"""``trax users``."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, names, out, print_json

if TYPE_CHECKING:
    from trax.store import User, UserRepository

app = typer.Typer(rich_markup_mode="markdown")

_Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
_Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@app.callback(invoke_without_command=True)
def users(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Manage who signs in to `trax serve` with a password.

    As soon as there is a user, one must sign in or send a token, on this machine, too. Without a
    command, users are listed.

    **Examples**

    `trax users add anna --admin`

    `trax users disable anna`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command()
def add(
    name: _Name,
    admin: Annotated[bool, typer.Option("--admin", help="They may do everything.")] = False,
    scopes: Annotated[
        str,
        typer.Option(
            help="By commas: read transcripts, write (change) them, jobs (have recordings "
            "transcribed), voices, admin (everything)."
        ),
    ] = "read,write,jobs",
    full_name: Annotated[str, typer.Option(help="For people.")] = "",
    password_stdin: _Stdin = False,
) -> None:
    """Add a user; their password is asked for.

    **Example**

    `trax users add anna --admin`
    """
    with edge():
        from trax.service.users import add as add_user

        chosen = ["admin"] if admin else names(scopes, "scope")
        added = add_user(_users(), name, _password(password_stdin), chosen, full_name)
        out().print(f"user {added.name} is added: {added.scopes}", markup=False)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List users, as `trax users` alone does."""
    with edge():
        from trax.cli.tables import plain

        found = _users().all()
        if as_json:
            print_json(plain(found))
        elif found:
            _show(found)
        else:
            out().print("There are no users yet; `trax users add NAME --admin` adds one.")


@app.command()
def password(name: _Name, password_stdin: _Stdin = False) -> None:
    """Give a user another password; wherever they are signed in, they no longer are."""
    with edge():
        from trax.service.users import set_password

        users = _users()
        users.get(name)
        set_password(users, name, _password(password_stdin))
        out().print(f"user {name} has another password", markup=False)


@app.command()
def disable(
    name: _Name,
    undo: Annotated[bool, typer.Option("--undo", help="They may sign in again.")] = False,
) -> None:
    """Refuse a user from now on, also in a service that runs."""
    with edge():
        from trax.service.users import change

        change(_users(), name, disabled=not undo)
        state = "may sign in again" if undo else "is refused"
        out().print(f"user {name} {state}", markup=False)


@app.command()
def remove(name: _Name) -> None:
    """Remove a user; what they own stays, for administrators."""
    with edge():
        _users().remove(name)
        out().print(f"user {name} is removed", markup=False)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    prompt = "Password"
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True))


def _users() -> "UserRepository":
    from trax.compose import open_database
    from trax.settings import load_settings
    from trax.store import UserRepository

    return UserRepository(open_database(load_settings()))


def _show(found: "Sequence[User]") -> None:
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (
            escape(user.name),
            escape(user.full_name),
            user.scopes,
            moment(user.created_at),
            moment(user.signed_in_at) if user.signed_in_at else "never",
            "[red]disabled[/]" if user.disabled_at else "[green]valid[/]",
        )
        for user in found
    ]
    columns = ("name", "full name", "scopes", "added", "signed in", "state")
    out().print(table(columns, rows))
