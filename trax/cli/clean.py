"""``trax clean``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove audio and stage results that are kept no longer, orphans, and half uploads.

    TRAX_KEEP_AUDIO_DAYS and TRAX_KEEP_CHECKPOINT_DAYS say how long; transcripts are always kept.
    Everything that goes is in `trax db log`. The flow `clean` does the same on a schedule.

    **Example**

    `trax clean --dry-run`
    """
    with edge():
        from trax.cli.records import clean_up

        clean_up(dry_run=dry_run)
