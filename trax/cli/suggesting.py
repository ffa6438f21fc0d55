"""``trax speakers suggest`` and ``again``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, out, print_json

if TYPE_CHECKING:
    from trax.service.suggestions import Suggestion
    from trax.transcript import Transcript


def suggest(
    reference: Annotated[
        str, typer.Argument(help="A transcript: `latest`, its id or how that begins.")
    ] = "latest",
    speaker: Annotated[
        str | None, typer.Option(help="Only turns that sound like the speaker labelled so.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Give these turns to whom they sound like.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List turns that sound like somebody to whom you gave others; only what is sure.

    **Example**

    `trax speakers suggest latest --speaker SPEAKER_01 --accept`
    """
    with edge():
        from dataclasses import asdict

        from trax.compose import process_workspace
        from trax.service import suggestions
        from trax.service.revisions import edits_here

        workspace = process_workspace()
        if accept:
            edits = edits_here(workspace.revisions)
            made = suggestions.accept(workspace, edits, reference, speaker=speaker)
            out().print(f"transcript {made.transcript_id}, version {made.version}")
            return
        document = workspace.repository.get(reference)
        found = suggestions.suggestions(workspace, document)
        if speaker is not None:
            found = [each for each in found if each.speaker == speaker]
        if as_json:
            print_json([asdict(each) for each in found])
        else:
            _show(document, found)


def again(
    reference: Annotated[
        str, typer.Argument(help="A transcript: `latest`, its id or how that begins.")
    ] = "latest",
    count: Annotated[
        int | None,
        typer.Option(help="How many people speak; by default as many as are heard.", min=1, max=50),
    ] = None,
) -> None:
    """Tell a transcript's speakers apart again, and keep what people decided.

    What comes of it is another transcript.

    **Example**

    `trax speakers again latest --count 3`
    """
    with edge():
        from trax.compose import process_workspace
        from trax.service.again import diarize_here
        from trax.settings import load_settings

        made, carried = diarize_here(process_workspace(), load_settings(), reference, count)
        version = f", version {carried.revision.version}" if carried.revision else ""
        out().print(f"transcript {made}{version}")
        for misfit in carried.misfits:
            err().print(f"not carried over: {misfit.reason}", markup=False, style="dim")
        if carried.misfits:
            err().print(f"`trax conflicts {made}` settles them", style="dim")


def _show(document: "Transcript", found: "Sequence[Suggestion]") -> None:
    """Suggestions, a row each."""
    from rich.markup import escape

    from trax.cli.tables import table
    from trax.transcript import format_clock

    if not found:
        out().print("No turn sounds like somebody else.")
        return
    rows = [
        (
            format_clock(each.start),
            escape(document.display_name(each.current)) if each.current else "",
            escape(document.display_name(each.speaker)),
            escape(each.text),
        )
        for each in found
    ]
    out().print(table(("at", "now", "sounds like", "text"), rows))
