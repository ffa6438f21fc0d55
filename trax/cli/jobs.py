"""``trax jobs``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, out, print_json, tell

if TYPE_CHECKING:
    from trax.progress import StageRun
    from trax.store import JobEvent, JobRecord

app = typer.Typer(rich_markup_mode="markdown")

_COLOURS = {
    "completed": "green",
    "failed": "red",
    "lost": "red",
    "cancelled": "yellow",
    "running": "cyan",
}


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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List jobs, follow them, see why they failed, cancel or retry them.

    The newest come first. One recording with one set of options is one job, however often it is
    submitted.

    **Examples**

    `trax jobs --failed` — what went wrong

    `trax jobs show 3f2a` — why

    `trax jobs cancel 3f2a`

    `trax jobs retry --all`
    """
    if context.invoked_subcommand:
        return
    with edge():
        from trax.cli.tables import plain
        from trax.compose import open_jobs
        from trax.service.jobs import UNFINISHED
        from trax.settings import load_settings
        from trax.store import JobStatus

        wanted = (UNFINISHED if failed else ()) + ((JobStatus.RUNNING,) if running else ())
        found = open_jobs(load_settings()).newest(wanted, most)
        if as_json:
            print_json(plain(found))
        elif found:
            _show_list(found)
        elif wanted:
            out().print("There are no such jobs.")
        else:
            out().print("There are no jobs yet; `trax transcribe FILE` makes one.")


@app.command()
def show(
    job: Annotated[str, typer.Argument(help="Id, or the beginning of it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one job: its stages, and why it failed.

    **Example**

    `trax jobs show 3f2a`
    """
    with edge():
        from trax.cli.tables import plain
        from trax.compose import open_jobs
        from trax.settings import load_settings

        repository = open_jobs(load_settings())
        found = repository.get(job)
        stages = repository.stage_runs(found.id)
        events = repository.events(found.id)
        if as_json:
            facts = {"stages": plain(stages), "events": plain(events)}
            print_json({**plain(found), **facts})
        else:
            _show_one(found, stages, events)


@app.command()
def follow(
    job: Annotated[str, typer.Argument(help="Id, or the beginning of it.")],
) -> None:
    """Show what happens to a job, from its beginning until it ends, whichever process works on it.

    **Example**

    `trax jobs follow 3f2a`
    """
    with edge():
        from rich.markup import escape

        from trax.compose import open_jobs
        from trax.service.jobs import follow as events_of
        from trax.settings import load_settings

        repository = open_jobs(load_settings())
        for event in events_of(repository, job):
            out().print(_line(event))
        found = repository.get(job)
        out().print(f"{_status(found)}  {escape(_outcome(found))}")


@app.command()
def cancel(
    jobs: Annotated[
        list[str], typer.Argument(help="Ids, or the beginnings of them.", metavar="JOB...")
    ],
) -> None:
    """Cancel jobs, whichever process works on them. Finished stages are kept.

    A running job stops within some ten seconds, in an engine process too.

    **Example**

    `trax jobs cancel 3f2a`
    """
    with edge():
        from trax.compose import open_jobs
        from trax.service.jobs import cancel as cancel_jobs
        from trax.settings import load_settings

        for job in cancel_jobs(open_jobs(load_settings()), jobs):
            waits = "" if job.status == "cancelled" else ", stops at its next step"
            out().print(f"job {job.id}: {_status(job)}{waits}")


@app.command()
def retry(
    jobs: Annotated[
        list[str] | None, typer.Argument(help="Ids, or the beginnings of them.", metavar="JOB...")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every job that failed or was lost.")
    ] = False,
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path(
        "transcripts"
    ),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors.")] = False,
) -> None:
    """Retry failed jobs with the options they had.

    Stages whose results are stored are not repeated.

    **Examples**

    `trax jobs retry 3f2a 9c01`

    `trax jobs retry --all --out minutes/`
    """
    with edge():
        from trax.compose import open_jobs
        from trax.errors import InvalidOption
        from trax.service.jobs import to_retry
        from trax.settings import load_settings

        if bool(jobs) == everything:
            raise InvalidOption("name the jobs to do again, or say --all")
        chosen = to_retry(open_jobs(load_settings()), jobs or ())
        if not chosen:
            out().print("There is nothing to do again.")
        codes = {_retried(job, folder, quiet=quiet) for job in chosen} - {0}
        raise typer.Exit(1 if len(codes) > 1 else max(codes, default=0))


def _retried(job: "JobRecord", folder: Path, *, quiet: bool) -> int:
    """Retry one job; gives its exit code."""
    from rich.markup import escape

    from trax.cli.batch import Batch

    if not quiet:
        err().print(f"job {job.id}: {escape(job.name)}")
    try:
        options = {name: value for name, value in job.options.items() if name != "formats"}
        formats = ",".join(job.options.get("formats", ())) or "txt,md,json,srt,vtt"
        batch = Batch.prepare([job.source], options, formats, folder)
        return batch.run("quiet" if quiet else "live")
    except Exception as error:  # noqa: BLE001 - the edge of one job: the next must go on
        return tell(error)


def _show_list(found: "Sequence[JobRecord]") -> None:
    """Jobs, a row each."""
    from rich.markup import escape

    from trax.cli.tables import moment, table

    rows = [
        (
            job.id,
            escape(job.name),
            _status(job),
            str(job.attempts),
            moment(job.created_at),
            escape(_outcome(job)),
        )
        for job in found
    ]
    columns = ("job", "recording", "status", "attempts", "made", "")
    out().print(table(columns, rows, right=("attempts",)))


def _show_one(job: "JobRecord", stages: "Sequence[StageRun]", events: "Sequence[JobEvent]") -> None:
    """One job: facts, stages, what was noted, failure report."""
    from rich.markup import escape

    from trax.cli.tables import moment, table
    from trax.work.failure import render_failure

    out().print(
        f"[bold]{escape(job.name)}[/]  {_status(job)}, {job.attempts} attempts, "
        f"made {moment(job.created_at)}"
    )
    out().print(escape(job.source))
    if job.transcript_id:
        out().print(f"transcript {job.transcript_id}, version {job.transcript_version}")
    if job.flow_run_id:
        out().print(f"Prefect flow run {job.flow_run_id}")
    rows = [
        (
            run.stage,
            f"{run.seconds:.2f}",
            "yes" if run.cached else "",
            str(run.retries or ""),
            run.engine,
        )
        for run in stages
    ]
    if rows:
        columns = ("stage", "seconds", "cached", "retries", "engine")
        out().print(table(columns, rows, right=("seconds", "retries")))
    for event in events:
        if event.attempt == job.attempts and event.kind in ("noted", "failed"):
            out().print(_line(event))
    if job.error:
        out().print()
        out().print(render_failure(job.error), markup=False)
        out().print(f"`trax jobs retry {job.id}` retries it.", markup=False)


def _line(event: "JobEvent") -> str:
    """One event, for the screen."""
    from rich.markup import escape

    at = event.at.astimezone().strftime("%H:%M:%S")
    return f"[dim]{at}[/]  {event.kind:8}  {escape(event.text)}"


def _status(job: "JobRecord") -> str:
    text = f"[{_COLOURS.get(job.status, 'default')}]{job.status}[/]"
    if job.status != "running":
        return text
    if job.cancel_requested_at is not None:
        return f"{text}, being cancelled"
    return f"{text} {job.stage} {job.progress:.0%}" if job.stage else text


def _outcome(job: "JobRecord") -> str:
    """The transcript that a job made, or why there is none."""
    if job.error is None:
        return f"transcript {job.transcript_id}" if job.transcript_id else ""
    stage = f"{job.error['stage']}: " if job.error.get("stage") else ""
    return stage + str(job.error.get("error", ""))
