"""``trax removed``."""

from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.correcting import show_or_change
from trax.cli.edge import out

if TYPE_CHECKING:
    from trax.service.revisions import Edits
    from trax.store import Revision
    from trax.transcript import Transcript


def removed(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    restore: Annotated[
        list[int] | None,
        typer.Option("--restore", help="Restore this number; may be given several times."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Restore everything.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show words taken out because nobody said them, or restore them.

    Restoring makes a new version of the transcript.

    **Examples**

    `trax removed latest`

    `trax removed 3f2a --restore 2`
    """
    change = partial(_restored, transcript, restore or ()) if restore or everything else None
    show_or_change(transcript, change, _show, itemgetter("removed") if as_json else None)


def _restored(reference: str, numbers: "Sequence[int]", edits: "Edits") -> "Revision":
    from trax.service.revisions import restore_removed

    return restore_removed(edits, reference, numbers)


def _show(transcript: "Transcript") -> None:
    """What was taken out, numbered."""
    from rich.markup import escape

    from trax.cli.tables import table
    from trax.transcript import format_clock, joined_text

    if not transcript.removed:
        out().print("Nothing was taken out of this transcript.")
        return
    rows = [
        (
            str(number),
            format_clock(each.words[0].start, 1),
            each.reason.value,
            escape(joined_text(each.words)),
        )
        for number, each in enumerate(transcript.removed, start=1)
    ]
    out().print(table(("number", "at", "reason", "text"), rows, right=("number", "at")))
