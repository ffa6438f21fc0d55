"""``trax clean``."""

from typing import Annotated

import typer

from trax.cli.edge import edge, out


def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Delete expired audio and results, orphans, and partial uploads.

    TRAX_KEEP_AUDIO_DAYS and TRAX_KEEP_CHECKPOINT_DAYS, or the days of the ObjectStore block in use,
    say how long these are kept; transcripts are always kept. Everything that goes is in
    `trax db log`. The flow `retention` does the same on a schedule.

    **Example**

    `trax clean --dry-run`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import open_database, open_objects
        from trax.settings import load_settings
        from trax.store.retention import due, remove

        settings = load_settings()
        objects = open_objects(settings)
        removals = (due if dry_run else remove)(objects, open_database(settings), objects.retention)
        size = count = 0
        for removal in removals:
            count += 1
            size += removal.size_bytes
            megabytes = f"{removal.size_bytes / 1e6:9.1f} MB"
            out().print(f"{removal.reason:18} {megabytes}  {escape(removal.key)}")
        done = "would remove" if dry_run else "removed"
        out().print(f"{done} {count} objects, {size / 1e6:.1f} MB")
