"""``trax search``."""

from typing import Annotated

import typer

from trax.cli.edge import edge, out, print_json


def search(
    words: Annotated[list[str], typer.Argument(help="What was said.", metavar="WORD...")],
    most: Annotated[int, typer.Option(help="How many segments at most.", min=1)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find what was said in any transcript.

    A segment is found if it holds all words, in any order and case; `"two words"` must follow each
    other, `-word` must not occur, `begin*` finds every word that begins so. Words are compared as
    they are written: `run` does not find `ran`.

    **Examples**

    `trax search budget march`

    `trax search '"quarterly report" -draft plan*'`
    """
    with edge():
        from dataclasses import asdict

        from rich.markup import escape

        from trax.compose import open_transcripts
        from trax.settings import load_settings
        from trax.transcript import format_clock

        hits = open_transcripts(load_settings()).search(" ".join(words), most)
        if as_json:
            print_json([asdict(hit) for hit in hits])
            return
        if not hits:
            out().print("Nobody said that.")
        for hit in hits:
            speaker = f"{hit.speaker}  " if hit.speaker else ""
            out().print(
                f"[bold]{escape(hit.name)}[/] [dim]{format_clock(hit.start)}  "
                f"{speaker}transcript {hit.transcript_id}[/]"
            )
            out().print(f"  {escape(hit.text)}")
