"""The ``trax`` command: one module per command, imported when it runs."""

import typer

from trax import __version__
from trax.cli.lazy import LazyGroup, add_overview

app = typer.Typer(
    name="trax",
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trax {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", callback=_version, is_eager=True
    ),
) -> None:
    """Recordings in; transcripts out that say who said what, when, and how sure we are."""


add_overview(app)


def main() -> None:
    """Run the command line."""
    app()
