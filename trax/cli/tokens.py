"""``trax tokens``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, finite, names, out, print_json

if TYPE_CHECKING:
    from trax.store import Token, TokenRepository

app = typer.Typer(rich_markup_mode="markdown")


@app.callback(invoke_without_command=True)
def tokens(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Manage the tokens that `trax serve` asks for.

    A token is shown once, when it is made; only its digest is kept. Without a command, tokens are
    listed.

    **Examples**

    `trax tokens create newsroom --scopes read,jobs --days 90`

    `trax tokens revoke 3f2a9c01`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for, or whose it is.")],
    scopes: Annotated[
        str,
        typer.Option(
            help="By commas: read transcripts, write (change) them, jobs (have recordings "
            "transcribed), voices, admin (everything)."
        ),
    ] = "read,jobs",
    days: Annotated[
        float | None, typer.Option(help="It expires after so many.", callback=finite)
    ] = None,
    user: Annotated[
        str, typer.Option(help="User for whom it acts; without one it has things of its own.")
    ] = "",
) -> None:
    """Make a token, and print it: this is the only time.

    **Example**

    `trax tokens create newsroom --scopes read,jobs --days 90`
    """
    with edge():
        from rich.markup import escape

        from trax.service.tokens import create as create_token

        made = create_token(_tokens(), name, names(scopes, "scope"), days, _account(user))
        out().file.write(f"{made.secret}\n")
        shown = f"token {made.token.id} for {escape(made.token.name)}: {made.token.scopes}"
        err().print(f"{shown}; it is not shown again", soft_wrap=True)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List tokens, as `trax tokens` alone does."""
    with edge():
        from trax.cli.tables import plain

        found = _tokens().all()
        if as_json:
            print_json(plain(found))
        elif found:
            _show(found)
        else:
            out().print("There are no tokens yet; `trax tokens create NAME` makes one.")


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Its id.")],
) -> None:
    """Have a token refused from now on, also by a service that runs.

    **Example**

    `trax tokens revoke 3f2a9c01`
    """
    with edge():
        _tokens().revoke(token)
        out().print(f"token {token} is revoked", markup=False)


def _account(user: str) -> str:
    from trax.compose import open_database
    from trax.settings import load_settings
    from trax.store import UserRepository

    return UserRepository(open_database(load_settings())).get(user).id if user else ""


def _tokens() -> "TokenRepository":
    from trax.compose import open_database
    from trax.settings import load_settings
    from trax.store import TokenRepository

    return TokenRepository(open_database(load_settings()))


def _show(found: "Sequence[Token]") -> None:
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (
            token.id,
            escape(token.name),
            token.scopes,
            moment(token.created_at),
            moment(token.used_at) if token.used_at else "never",
            _state(token),
        )
        for token in found
    ]
    columns = ("id", "name", "scopes", "made", "used", "state")
    out().print(table(columns, rows))


def _state(token: "Token") -> str:
    from trax.cli.tables import moment
    from trax.service.tokens import is_valid

    if token.revoked_at is not None:
        return "[red]revoked[/]"
    if token.expires_at is None:
        return "[green]valid[/]"
    if not is_valid(token):
        return f"[red]expired {moment(token.expires_at)}[/]"
    return f"[green]valid[/] until {moment(token.expires_at)}"
