"""``trax edits``."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.correcting import show_or_change
from trax.cli.edge import out

if TYPE_CHECKING:
    from trax.service.revisions import Edits
    from trax.store import Revision
    from trax.transcript import Edit, Transcript


def edits(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    undo: Annotated[
        list[int] | None,
        typer.Option("--undo", help="Undo the edit with this number; may be given several times."),
    ] = None,
    everything: Annotated[bool, typer.Option("--undo-all", help="Undo every edit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the edits of a language model, or undo them.

    Refused edits are shown with the reason. Undoing makes a new version of the transcript.

    **Examples**

    `trax edits latest`

    `trax edits 3f2a --undo 2 --undo 5`
    """
    change = partial(_undone, transcript, undo or ()) if undo or everything else None
    show_or_change(transcript, change, _show, _described if as_json else None)


def _undone(reference: str, numbers: "Sequence[int]", edits: "Edits") -> "Revision":
    from trax.service.revisions import undo_edits

    return undo_edits(edits, reference, numbers)


def _described(document: dict[str, Any]) -> object:
    moves = (document["notes"] or {}).get("edits", [])
    return {"enhancement": document["enhancement"], "speakers": moves}


def _show(transcript: "Transcript") -> None:
    """Every edit that a language model asked for, numbered."""
    from trax.cli.tables import table

    edits = transcript.enhancement.edits if transcript.enhancement else ()
    moves = transcript.notes.edits if transcript.notes else ()
    if not edits and not moves:
        out().print("No language model asked for an edit of this transcript.")
        return
    columns = ("number", "at", "task", "before", "after", "made")
    rows = [_row(str(number), edit) for number, edit in enumerate(edits, start=1)]
    rows += [_row("", move) for move in moves]
    out().print(table(columns, rows, right=("number", "at")))


def _row(number: str, edit: "Edit") -> tuple[str, ...]:
    from rich.markup import escape

    from trax.transcript import format_clock

    verdict = f"[yellow]no: {escape(edit.rejected)}[/]" if edit.rejected else "[green]yes[/]"
    before, after = escape(edit.before), escape(edit.after)
    return number, format_clock(edit.start, 1), edit.task, before, after, verdict
