"""``trax jobs``."""

from typing import Annotated

import typer

from trax.cli.edge import edge

app = typer.Typer(rich_markup_mode="markdown")


@app.callback(invoke_without_command=True)
def jobs(
    context: typer.Context,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that failed for good or were lost.")
    ] = False,
    running: Annotated[
        bool, typer.Option("--running", help="Only those that are being worked on.")
    ] = False,
    most: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List jobs, see why they failed, retry them.

    The newest come first. One recording with one set of options is one job, however often it is
    submitted.

    **Examples**

    `trax jobs --failed` — what went wrong

    `trax jobs show 3f2a` — why

    `trax jobs retry 3f2a`

    `trax jobs retry --all`
    """
    if context.invoked_subcommand:
        return
    with edge():
        from trax.cli.records import list_jobs

        list_jobs(failed=failed, running=running, most=most, as_json=as_json)


@app.command()
def show(
    job: Annotated[str, typer.Argument(help="Id, or the beginning of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show one job: its stages, and why it failed.

    **Example**

    `trax jobs show 3f2a`
    """
    with edge():
        from trax.cli.records import show_job

        show_job(job, as_json=as_json)


@app.command()
def retry(
    jobs: Annotated[
        list[str] | None, typer.Argument(help="Ids, or the beginnings of them.", metavar="JOB...")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every job that failed or was lost.")
    ] = False,
    out: Annotated[str, typer.Option("--out", "-o", help="Folder for the files.")] = "transcripts",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Do failed jobs again, with the options they had; stages whose results are kept are not
    repeated.

    **Examples**

    `trax jobs retry 3f2a 9c01`

    `trax jobs retry --all --out minutes/`
    """
    with edge():
        from trax.cli.records import retry_jobs

        raise typer.Exit(retry_jobs(jobs or [], out, everything=everything, quiet=quiet))
