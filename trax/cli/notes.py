"""``trax notes``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def notes(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    accept_names: Annotated[
        bool, typer.Option("--accept-names", help="Give speakers the names that are proposed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what a language model wrote about a transcript: title, summary, chapters, action items,
    names.

    Accepted names make a new version of the transcript.

    **Examples**

    `trax notes latest`

    `trax notes 3f2a --accept-names`
    """
    with edge():
        from trax.cli.enhancement import apply_names, show_notes

        if accept_names:
            apply_names(transcript)
        else:
            show_notes(transcript, as_json=as_json)
