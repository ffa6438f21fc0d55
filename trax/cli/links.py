"""``trax links``."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, err, finite, out, print_json

if TYPE_CHECKING:
    from trax.store import Database, Link

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

_Transcript = Annotated[str, typer.Argument(help="Id, or the beginning of it, or `latest`.")]


@app.callback()
def links() -> None:
    """Manage links that share a transcript or a passage of it with whoever has them.

    A link's secret is shown once, when it is made; only its digest is kept.

    **Examples**

    `trax links create latest --start 12.5 --end 40 --days 7`

    `trax links list latest`

    `trax links revoke latest 3f2a9c01d4e5b6a7`
    """


@app.command()
def create(
    transcript: _Transcript,
    permission: Annotated[
        str, typer.Option(help="What whoever has it may do: view, comment or edit.")
    ] = "view",
    start: Annotated[
        float | None,
        typer.Option(help="Share only from this second.", callback=finite),
    ] = None,
    end: Annotated[
        float | None,
        typer.Option(help="Share only up to this second.", callback=finite),
    ] = None,
    days: Annotated[
        float, typer.Option(help="It expires after so many; 0: never.", min=0, callback=finite)
    ] = 30,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Ask for a password, read from standard input."),
    ] = False,
) -> None:
    """Make a link to a transcript, and print its secret: this is the only time.

    `POST /v1/shared` opens it.

    **Examples**

    `trax links create latest`

    `trax links create 3f2a --permission comment --start 12.5 --end 40`
    """
    with edge():
        from trax.service import links as service
        from trax.service.access import OWNER
        from trax.store import LinkRepository

        database = _database()
        known = _resolved(database, transcript)
        wanted = service.Wanted(
            permission=permission,
            passage=_passage(start, end),
            days=days or None,
            password=sys.stdin.readline().rstrip("\n") if password_stdin else "",
        )
        made = service.create(LinkRepository(database), OWNER, known, wanted)
        out().file.write(f"{made.secret}\n")
        shown = f"link {made.link.id} to transcript {known}: {permission}"
        err().print(f"{shown}; it is not shown again", soft_wrap=True, markup=False)


@app.command("list")
def list_(
    transcript: _Transcript,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List a transcript's links, newest first, revoked and expired ones, too."""
    with edge():
        from trax.store import LinkRepository

        database = _database()
        known = _resolved(database, transcript)
        found = LinkRepository(database).of_transcript(known)
        if as_json:
            print_json([_shown(each) for each in found])
        elif found:
            _show(found)
        else:
            out().print(f"Nothing links to it yet; `trax links create {known}` makes a link.")


@app.command()
def revoke(
    transcript: _Transcript,
    link: Annotated[str, typer.Argument(help="The link's id.")],
) -> None:
    """Have a link show nothing from now on; whoever has opened it sees nothing more.

    **Example**

    `trax links revoke latest 3f2a9c01d4e5b6a7`
    """
    with edge():
        from trax.store import LinkRepository

        database = _database()
        LinkRepository(database).revoke(_resolved(database, transcript), link)
        out().print(f"link {link} is revoked", markup=False)


def _passage(start: float | None, end: float | None) -> tuple[float, float] | None:
    """The passage that two options name; ``None``: everything."""
    from trax.errors import InvalidOption

    if start is None and end is None:
        return None
    if end is None:
        raise InvalidOption("a passage has an end: give --end, too")
    return (start or 0.0, end)


def _database() -> "Database":
    from trax.compose import open_database
    from trax.settings import load_settings

    return open_database(load_settings())


def _resolved(database: "Database", transcript: str) -> str:
    from trax.store import TranscriptRepository

    return TranscriptRepository(database).resolve(transcript)


def _shown(link: "Link") -> dict[str, Any]:
    """A link as JSON, without its password's digest."""
    from trax.cli.tables import plain

    shown: dict[str, Any] = plain([link])[0]
    shown["has_password"] = bool(shown.pop("password"))
    return shown


def _show(found: "Sequence[Link]") -> None:
    from trax.cli.tables import moment, table

    rows = [
        (
            each.id,
            each.permission,
            _shows(each),
            "yes" if each.password else "no",
            moment(each.created_at),
            _state(each),
        )
        for each in found
    ]
    out().print(table(("id", "allows", "shows", "password", "made", "state"), rows))


def _shows(link: "Link") -> str:
    from trax.transcript import format_clock

    if link.start is None or link.end is None:
        return "everything"
    return f"{format_clock(link.start)} to {format_clock(link.end)}"


def _state(link: "Link") -> str:
    from datetime import UTC, datetime

    from trax.cli.tables import moment

    if link.revoked_at is not None:
        return "[red]revoked[/]"
    if link.expires_at is None:
        return "[green]in use[/]"
    if link.expires_at <= datetime.now(UTC):
        return f"[red]expired {moment(link.expires_at)}[/]"
    return f"[green]in use[/] until {moment(link.expires_at)}"
