"""``trax show``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def show(
    transcript: Annotated[str, typer.Argument(help="Id, or the beginning of it, or `latest`.")] = "",
    stages: Annotated[bool, typer.Option("--stages", help="How its stages went, instead of the text.")] = False,
) -> None:
    """Show a transcript, or list those there are.

    **Examples**

    `trax show` — the newest transcripts

    `trax show latest`

    `trax show 3f2a --stages`
    """
    with edge():
        from trax.cli.listing import show_list, show_stages, show_transcript

        if not transcript:
            show_list()
        elif stages:
            show_stages(transcript)
        else:
            show_transcript(transcript)
