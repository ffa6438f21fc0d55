"""``trax search``."""

from itertools import islice
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from trax.cli.edge import edge, out, print_json


class Command(TyperCommand):
    """A command whose words may begin with a minus sign."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read options of two minus signs, then everything else as words."""
        return super().parse_args(ctx, _words_last(args))


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


def _words_last(args: list[str]) -> list[str]:
    """*args* with options first, and ``--`` between them and the words."""
    options: list[str] = []
    words: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            words.extend(rest)
        elif arg == "-h" or arg.startswith("--"):
            options.append(arg)
            if arg == "--most":
                options.extend(islice(rest, 1))
        else:
            words.append(arg)
    return [*options, "--", *words]
