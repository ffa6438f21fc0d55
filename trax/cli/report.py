"""``trax report``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, out, print_json

if TYPE_CHECKING:
    from trax.service.analytics.report import Report
    from trax.settings import Settings
    from trax.store import Database


_EXCLUSIVE = (("as_json", "file"),)


def report(
    context: typer.Context,
    days: Annotated[
        int, typer.Option(help="About how many days, today included (UTC).", min=1)
    ] = 30,
    targets: Annotated[
        bool, typer.Option("--targets", help="Only what is to be reached, and whether it is.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Write to this file: HTML with pictures if it ends in .html, else Markdown.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report how fast, how sure and how dear transcription was, and what failed.

    **Examples**

    `trax report`

    `trax report --targets --days 7`

    `trax report --out report.html`
    """
    with edge():
        from trax.cli.given import exclusive
        from trax.cli.tables import plain
        from trax.compose import open_database
        from trax.errors import InvalidOption
        from trax.export.files import write_file
        from trax.service.analytics import report as reports
        from trax.service.analytics.answers import Analytics
        from trax.service.analytics.period import Period
        from trax.settings import load_settings

        exclusive(context, _EXCLUSIVE)
        if targets and _is_html(file):
            raise InvalidOption("--targets are written as Markdown: let --out not end in .html")
        settings = load_settings()
        period = Period.last(days)
        database = open_database(settings)
        analytics = Analytics(database, settings)
        _settle(settings, database)
        analytics.advise()
        if targets:
            reached = analytics.targets(period)
            text, values = reports.targets_table(reached), plain(reached)
        else:
            found = reports.report(analytics, period)
            text, values = _written(found, file), plain(found)
        if as_json:
            print_json(values)
        elif file is not None:
            write_file(file, text.encode())
            out().print(f"Wrote {file}", markup=False)
        else:
            _show(text)


def _is_html(file: Path | None) -> bool:
    return file is not None and file.suffix.lower() in (".html", ".htm")


def _written(found: "Report", file: Path | None) -> str:
    """A report as *file*'s name asks for."""
    from trax.service.analytics.pictures import html
    from trax.service.analytics.report import markdown

    return html(found) if _is_html(file) else markdown(found)


def _settle(settings: "Settings", database: "Database") -> None:
    """Add up days that are over, and what is stored; say so, since it may take a while."""
    from trax.compose import open_objects
    from trax.service.analytics.settling import settle

    with err().status("Adding up earlier days, and what is stored…"):
        settle(database, open_objects(settings), settings.home / "live")


def _show(text: str) -> None:
    """Print Markdown: drawn in a terminal, as it is in a pipe."""
    from rich.markdown import Markdown

    console = out()
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        console.file.write(text)
