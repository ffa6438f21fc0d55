"""What commands have in common that show a part of a transcript, or change it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.service.revisions import Edits
    from trax.store import Revision
    from trax.transcript import Transcript


def show_or_change(
    reference: str,
    change: "Callable[[Edits], Revision] | None",
    show: "Callable[[Transcript], None]",
    described: "Callable[[dict[str, Any]], object] | None",
) -> None:
    """Make a change, or show what could be changed.

    Args:
        reference: names a transcript.
        change: what was asked for; ``None`` if nothing was.
        show: prints the part that the command is about.
        described: picks the part from the document's JSON; ``None`` if no JSON was asked for.
    """
    with edge():
        from trax.compose import open_revisions
        from trax.service.revisions import edits_here
        from trax.settings import load_settings

        revisions = open_revisions(load_settings())
        if change is not None:
            made = change(edits_here(revisions))
            out().print(f"transcript {made.transcript_id}, version {made.version}")
        elif described is not None:
            print_json(described(_plain(revisions.transcripts.get(reference))))
        else:
            show(revisions.transcripts.get(reference))


def _plain(transcript: "Transcript") -> dict[str, Any]:
    import json

    from trax.transcript.codec import to_json

    plain: dict[str, Any] = json.loads(to_json(transcript))
    return plain
