"""``trax search``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def search(
    words: Annotated[list[str], typer.Argument(help="What was said.", metavar="WORD...")],
    most: Annotated[int, typer.Option(help="How many segments at most.", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find what was said in any transcript.

    All words must occur in a segment, in any order and case; `"two words"` in this order, `-word`
    not at all, `begin*` finds every word that begins so. Words are compared as they are written:
    `run` does not find `ran`.

    **Examples**

    `trax search budget march`

    `trax search '"quarterly report" -draft plan*'`
    """
    with edge():
        from trax.cli.records import search_transcripts

        search_transcripts(" ".join(words), most, as_json=as_json)
