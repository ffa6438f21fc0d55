"""``trax removed``."""

from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
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
    with edge():
        from trax.compose import open_transcripts
        from trax.service import revisions
        from trax.settings import load_settings

        repository = open_transcripts(load_settings())
        if restore or everything:
            made = revisions.restore_removed(repository, transcript, restore or ())
            out().print(f"transcript {made.transcript_id}, version {made.version}")
        elif as_json:
            print_json(_as_json(repository.get(transcript)))
        else:
            _show(repository.get(transcript))


def _as_json(transcript: "Transcript") -> object:
    import json

    from trax.transcript.codec import to_json

    return json.loads(to_json(transcript))["removed"]


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
