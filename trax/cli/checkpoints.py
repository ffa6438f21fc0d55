"""``trax checkpoints``."""

from typing import Annotated

import typer

from trax.cli.edge import edge

app = typer.Typer(rich_markup_mode="markdown")

_STAGE = typer.Option(help="Only of this stage: ingest, recognise, diarize, merge or publish.")


@app.callback(invoke_without_command=True)
def checkpoints(
    context: typer.Context,
    stage: Annotated[str, _STAGE] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
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
        from trax.cli.records import list_checkpoints

        list_checkpoints(stage, as_json=as_json)


@app.command()
def prune(
    older_than: Annotated[float, typer.Option(help="Days since they were made.", min=0)] = 30.0,
    stage: Annotated[str, _STAGE] = "",
    recording: Annotated[
        str, typer.Option(help="Only of the recording with this name, or SHA-256 so begun.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove kept results of stages; a job that needs one makes it again.

    **Examples**

    `trax checkpoints prune --older-than 7 --stage recognise`

    `trax checkpoints prune --older-than 0 --recording interview.mp3 --dry-run`
    """
    with edge():
        from trax.cli.records import prune_checkpoints

        prune_checkpoints(stage, recording, older_than, dry_run=dry_run)
