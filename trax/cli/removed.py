"""``trax removed``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def removed(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    restore: Annotated[
        list[int] | None,
        typer.Option("--restore", help="Put this number back; may be given several times."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Put everything back.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what recognition wrote and took out again because nobody said it, or put it back.

    What is put back makes a new version of the transcript.

    **Examples**

    `trax removed latest`

    `trax removed 3f2a --restore 2`
    """
    with edge():
        from trax.cli.listing import restore_removed, show_removed

        if restore or everything:
            restore_removed(transcript, restore or ())
        else:
            show_removed(transcript, as_json=as_json)
