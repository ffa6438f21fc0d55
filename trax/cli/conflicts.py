"""``trax conflicts``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.service.conflicts import Listed


def conflicts(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    mine: Annotated[
        list[int] | None,
        typer.Option(help="Do what you decided, by its time; may be given several times."),
    ] = None,
    new: Annotated[
        list[int] | None, typer.Option(help="Leave what is there; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show decisions that did not fit a transcript made anew, or settle them one by one.

    **Examples**

    `trax conflicts latest`

    `trax conflicts 3f2a --mine 1 --new 2`
    """
    with edge():
        from dataclasses import asdict

        from trax.compose import process_workspace
        from trax.service.conflicts import Keep, listed, settle
        from trax.service.revisions import edits_here

        workspace = process_workspace()
        edits = edits_here(workspace.revisions)
        for keep, numbers in ((Keep.MINE, mine or ()), (Keep.NEW, new or ())):
            for number in numbers:
                settle(workspace, edits, transcript, number, keep)
        found = listed(workspace, transcript)
        if as_json:
            print_json([asdict(each) for each in found])
        else:
            _show(found)


def _show(found: "Sequence[Listed]") -> None:
    """What is open, numbered."""
    from rich.markup import escape

    from trax.cli.tables import table
    from trax.transcript import format_clock

    if not found:
        out().print("Everything fits: there is nothing to settle.")
        return
    rows = [
        (
            str(each.number),
            format_clock(each.span.start, 1) if each.span else "",
            each.kind,
            escape(each.wanted),
            escape(each.stands),
            escape(each.reason),
        )
        for each in found
    ]
    columns = ("number", "at", "what", "you decided", "is there", "why it did not fit")
    out().print(table(columns, rows, right=("number", "at")))
