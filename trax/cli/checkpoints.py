"""``trax checkpoints``."""

from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.store.checkpoints import KeptCheckpoint

app = typer.Typer(rich_markup_mode="markdown")

_STAGE = typer.Option(help="Only of this stage, such as recognise.")


@app.callback(invoke_without_command=True)
def checkpoints(
    context: typer.Context,
    stage: Annotated[str, _STAGE] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List stored results of stages, or prune them.

    The newest come first. A stage whose result is stored is not run again.

    **Examples**

    `trax checkpoints --stage diarize`

    `trax checkpoints prune --older-than 30 --dry-run`
    """
    if context.invoked_subcommand:
        return
    with edge():
        from trax.cli.tables import plain, table
        from trax.compose import open_objects
        from trax.service.upkeep import stored_results
        from trax.settings import load_settings

        found = stored_results(open_objects(load_settings()), stage)
        if as_json:
            print_json(plain(found))
        elif found:
            columns = ("stage", "key", "recording", "MB", "made")
            out().print(table(columns, map(_row, found), right=("MB",)))
        else:
            out().print("There are no checkpoints.")


@app.command()
def prune(
    older_than: Annotated[float, typer.Option(help="Days since they were made.", min=0)] = 30.0,
    stage: Annotated[str, _STAGE] = "",
    recording: Annotated[
        str, typer.Option(help="Only of the recording with this name or beginning of its SHA-256.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove stored results of stages; a job that needs one makes it again.

    **Examples**

    `trax checkpoints prune --older-than 7 --stage recognise`

    `trax checkpoints prune --older-than 0 --recording interview.mp3 --dry-run`
    """
    with edge():
        from trax.compose import open_database, open_objects
        from trax.service import upkeep
        from trax.settings import load_settings

        settings = load_settings()
        objects = open_objects(settings)
        old = upkeep.prunable(upkeep.stored_results(objects, stage), older_than, recording)
        size = upkeep.size_bytes(old)
        if not dry_run:
            upkeep.prune(objects, open_database(settings), old)
        done = "would remove" if dry_run else "removed"
        out().print(f"{done} {len(old)} checkpoints, {size / 1e6:.1f} MB")


def _row(kept: "KeptCheckpoint") -> tuple[str, ...]:
    from rich.markup import escape

    from trax.cli.tables import moment

    made = kept.checkpoint
    name = escape(made.name or made.recording[:12]) if made else "[red]damaged[/]"
    size = f"{made.size_bytes / 1e6:.1f}" if made else ""
    key = kept.manifest.key.rpartition("/")[2][:12]
    return kept.stage, key, name, size, moment(kept.manifest.modified_at)
