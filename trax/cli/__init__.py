"""The ``trax`` command: one module per command, imported when it is run."""

import typer

from trax import __version__
from trax.cli import (
    calibrate,
    checkpoints,
    clean,
    db,
    doctor,
    edits,
    engine,
    export,
    jobs,
    models,
    notes,
    prefect,
    removed,
    score,
    search,
    show,
    speakers,
    transcribe,
    watch,
)

app = typer.Typer(
    name="trax",
    help="Recordings in; transcripts out that say who said what, when, and how sure we are.",
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


app.command("transcribe")(transcribe.transcribe)
app.command("watch")(watch.watch)
app.command("show")(show.show)
app.command("removed")(removed.removed)
app.command("edits")(edits.edits)
app.command("notes")(notes.notes)
app.command("export")(export.export)
app.command("search")(search.search)
app.add_typer(jobs.app, name="jobs")
app.add_typer(checkpoints.app, name="checkpoints")
app.command("clean")(clean.clean)
app.add_typer(db.app, name="db")
app.add_typer(prefect.app, name="prefect")
app.add_typer(engine.app, name="engine")
app.command("models")(models.models)
app.add_typer(speakers.app, name="speakers")
app.command("calibrate")(calibrate.calibrate)
app.command("score")(score.score)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line."""
    app()
