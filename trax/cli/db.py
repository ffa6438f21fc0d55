"""``trax db``."""

from typing import Annotated

import typer

from trax.cli.edge import edge

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
    """Say which database is used and whether its schema is this Trax's.

    **Example**

    `trax db status`
    """
    with edge():
        from trax.cli.records import show_database

        raise typer.Exit(show_database())


@app.command()
def upgrade(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do and check everything, then undo it.")
    ] = False,
) -> None:
    """Bring the database to this Trax's schema, in one transaction. A v1 database brings its data
    along.

    **Examples**

    `trax db upgrade --dry-run`

    `TRAX_DATABASE_URL=postgresql://trax@db/trax trax db upgrade`
    """
    with edge():
        from trax.cli.records import upgrade_database

        upgrade_database(dry_run=dry_run)


@app.command("back-to-v1")
def back_to_v1(
    discard: Annotated[
        bool, typer.Option("--discard", help="Although transcripts were made since.")
    ] = False,
) -> None:
    """Undo the upgrade from v1: its tables come back as they were.

    **Example**

    `trax db back-to-v1`
    """
    with edge():
        from trax.cli.records import go_back_to_v1

        go_back_to_v1(discard=discard)


@app.command()
def log(
    most: Annotated[int, typer.Option(help="How many entries at most.", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what was done to the data and by whom, newest first.

    **Example**

    `trax db log --most 20`
    """
    with edge():
        from trax.cli.records import show_log

        show_log(most, as_json=as_json)
