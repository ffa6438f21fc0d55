"""``trax prefect``."""

import typer

from trax.cli.edge import edge

app = typer.Typer(help="A Prefect server of yours.", rich_markup_mode="markdown", no_args_is_help=True)


@app.callback()
def prefect() -> None:
    """A Prefect server of yours."""


@app.command()
def setup() -> None:
    """Register Trax's blocks on the Prefect server: ObjectStore, TranscriptDatabase, LanguageModel.

    May be run again at any time. Afterwards blocks of these kinds can be made in the UI under *Blocks*.

    **Example**

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax prefect setup`
    """
    with edge():
        from trax.cli.edge import out
        from trax.jobs import setup_prefect
        from trax.settings import load_settings

        settings = load_settings()
        for kind in setup_prefect(settings.rooms, settings.home / "prefect"):
            out().print(f"registered  {kind}")
