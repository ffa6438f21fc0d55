"""``trax show``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def show(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "",
    version: Annotated[
        int | None, typer.Option(help="A version that is not the newest.", min=1)
    ] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="List its versions, instead of the text.")
    ] = False,
    stages: Annotated[
        bool, typer.Option("--stages", help="How its stages went, instead of the text.")
    ] = False,
) -> None:
    """Show a transcript, or list those there are.

    **Examples**

    `trax show` — the newest transcripts

    `trax show latest`

    `trax show 3f2a --stages`

    `trax show 3f2a --version 1`
    """
    with edge():
        from trax.cli.listing import show_list, show_stages, show_transcript, show_versions

        if not transcript:
            show_list()
        elif stages:
            show_stages(transcript)
        elif versions:
            show_versions(transcript)
        else:
            show_transcript(transcript, version)
