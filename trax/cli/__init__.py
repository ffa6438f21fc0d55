"""The ``trax`` command: one module per command, imported when it runs."""

import io
import sys

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
    _never_fail_to_encode()
    app()


def _never_fail_to_encode() -> None:
    """Print ``?`` for characters that the terminal or the file has not: what was printed must not
    decide how a job ends.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
