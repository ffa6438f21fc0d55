"""``trax edits``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def edits(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    undo: Annotated[
        list[int] | None,
        typer.Option("--undo", help="Undo the edit with this number; may be given several times."),
    ] = None,
    everything: Annotated[bool, typer.Option("--undo-all", help="Undo every edit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what a language model wanted to change, what of it was made, and why the rest was not;
    or undo it.

    What is undone makes a new version of the transcript.

    **Examples**

    `trax edits latest`

    `trax edits 3f2a --undo 2 --undo 5`
    """
    with edge():
        from trax.cli.enhancement import show_edits, undo_edits

        if undo or everything:
            undo_edits(transcript, undo or ())
        else:
            show_edits(transcript, as_json=as_json)
