"""``trax edits``."""

from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
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
    with edge():
        from trax.compose import open_transcripts
        from trax.service import revisions
        from trax.settings import load_settings

        repository = open_transcripts(load_settings())
        if undo or everything:
            made = revisions.undo_edits(repository, transcript, undo or ())
            out().print(f"transcript {made.transcript_id}, version {made.version}")
        elif as_json:
            print_json(_as_json(repository.get(transcript)))
        else:
            _show(repository.get(transcript))


def _as_json(transcript: "Transcript") -> object:
    import json

    from trax.transcript.codec import to_json

    document = json.loads(to_json(transcript))
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
