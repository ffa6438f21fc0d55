"""``trax tags``."""

from typing import Annotated

import typer

from trax.cli.edge import edge, out, print_json

app = typer.Typer(rich_markup_mode="markdown")

_TRANSCRIPT = typer.Argument(help="Id, or the beginning of it, or `latest`.")


@app.callback(invoke_without_command=True)
def tags(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Manage tags, by which transcripts are found again: `trax show --tag budget`.

    Without a command, tags are listed.

    **Example**

    `trax tags set latest budget board`
    """
    if not context.invoked_subcommand:
        list_(as_json=as_json)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List tags, as `trax tags` alone does."""
    with edge():
        from dataclasses import asdict

        from rich.markup import escape

        from trax.cli.tables import table
        from trax.compose import process_workspace
        from trax.store.sight import EVERYTHING

        found = process_workspace().tags.all(EVERYTHING)
        if as_json:
            print_json([asdict(each) for each in found])
        elif found:
            rows = [(escape(each.name), str(each.count)) for each in found]
            out().print(table(("tag", "transcripts"), rows, right=("transcripts",)))
        else:
            out().print("There are no tags yet; `trax tags set TRANSCRIPT TAG...` makes some.")


@app.command("set")
def set_(
    transcript: Annotated[str, _TRANSCRIPT],
    names: Annotated[
        list[str] | None, typer.Argument(help="Its tags from now on; none takes all away.")
    ] = None,
) -> None:
    """Have a transcript have these tags, and no others.

    **Example**

    `trax tags set latest budget "board meeting"`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import process_workspace
        from trax.service.tags import set_tags

        workspace = process_workspace()
        known = workspace.repository.resolve(transcript)
        kept = set_tags(workspace.tags, known, names or ())
        out().print(f"transcript {known}: {escape(', '.join(kept)) or 'no tags'}")
