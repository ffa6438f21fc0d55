"""``trax db``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, out, print_json

if TYPE_CHECKING:
    from trax.store.v1 import Report

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)


@app.callback()
def db() -> None:
    """Inspect and upgrade the database.

    **Examples**

    `trax db status`

    `trax db upgrade --dry-run`
    """


@app.command()
def status() -> None:
    """Show which database is used and whether its schema is this Trax's.

    **Example**

    `trax db status`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import open_database
        from trax.errors import SchemaMismatch
        from trax.service.upkeep import database_state
        from trax.settings import load_settings

        state = database_state(open_database(load_settings()))
        out().print(f"{state.kind}, revision {state.revision}")
        if state.problem:
            advice = "; run `trax db upgrade`" if state.outdated else ""
            out().print(f"[yellow]{escape(state.problem + advice)}[/]")
            raise typer.Exit(SchemaMismatch.exit_code)
        out().print(f"{state.transcripts} transcripts")


@app.command()
def upgrade(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do and check everything, then undo it.")
    ] = False,
) -> None:
    """Upgrade the database to this Trax's schema, in one transaction.

    The data of a v1 database are converted.

    **Examples**

    `trax db upgrade --dry-run`

    `TRAX_DATABASE_URL=postgresql://trax@db/trax trax db upgrade`
    """
    with edge():
        from trax.compose import open_database
        from trax.settings import load_settings

        change = open_database(load_settings()).upgrade(keep=not dry_run)
        if change.before == change.after:
            out().print(f"The database is at revision {change.after} already.")
            return
        if change.report:
            _show_report(change.report)
        done = "would go" if dry_run else "went"
        out().print(f"The database {done} from {change.before} to revision {change.after}.")


@app.command("back-to-v1")
def back_to_v1(
    discard: Annotated[
        bool, typer.Option("--discard", help="Even if transcripts were made since.")
    ] = False,
) -> None:
    """Undo the upgrade from v1: its tables come back as they were.

    **Example**

    `trax db back-to-v1`
    """
    with edge():
        from trax.compose import open_database
        from trax.settings import load_settings

        _show_report(open_database(load_settings()).back_to_v1(discard=discard))
        out().print("The database is v1's again.")


@app.command()
def log(
    most: Annotated[int, typer.Option(help="How many entries at most.", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what was done to the data and by whom, newest first.

    **Example**

    `trax db log --most 20`
    """
    with edge():
        from rich.markup import escape

        from trax.cli.tables import moment, plain, table
        from trax.compose import open_database
        from trax.service.upkeep import audit_log
        from trax.settings import load_settings

        entries = audit_log(open_database(load_settings()), most)
        if as_json:
            print_json(plain(entries))
            return
        rows = [
            (
                moment(each.at),
                each.actor,
                each.action,
                escape(each.subject),
                escape(_listed(each.details)),
            )
            for each in entries
        ]
        out().print(table(("when", "who", "what", "subject", ""), rows))


def _show_report(report: "Report") -> None:
    from rich.markup import escape

    for name, count in report.counts.items():
        out().print(f"{count:9}  {name}")
    for fault in report.faults:
        err().print(f"[red]fault:[/] {escape(fault)}")


def _listed(details: Mapping[str, object]) -> str:
    known = (f"{name} {value}" for name, value in details.items() if value not in (None, ""))
    return ", ".join(known)
