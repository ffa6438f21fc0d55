"""What the stores hold, on screen: jobs, checkpoints, search, the database."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.markup import escape

from trax.cli.batch import Batch
from trax.cli.edge import err, out, print_json, sentence, tell
from trax.cli.tables import moment, table
from trax.compose import open_database, open_jobs, open_objects, open_transcripts
from trax.errors import InvalidOption, SchemaMismatch
from trax.pipelines.transcribe import TRANSCRIBE
from trax.settings import load_settings
from trax.store import Checkpoints, JobRecord, JobStatus
from trax.store.audit import add_entry, newest_entries
from trax.store.checkpoints import KeptCheckpoint
from trax.store.retention import due, remove
from trax.store.v1 import Report
from trax.transcript import format_clock
from trax.work.failure import render_failure

_FAILED = (JobStatus.FAILED, JobStatus.LOST, JobStatus.CANCELLED)
_COLOURS = {
    "completed": "green",
    "failed": "red",
    "lost": "red",
    "cancelled": "yellow",
    "running": "cyan",
}


def list_jobs(*, failed: bool, running: bool, most: int, as_json: bool) -> None:
    """Jobs, a row each."""
    wanted = (_FAILED if failed else ()) + ((JobStatus.RUNNING,) if running else ())
    found = open_jobs(load_settings()).newest(wanted, most)
    if as_json:
        print_json([_plain(asdict(job)) for job in found])
        return
    if not found:
        out().print(
            "There are no such jobs."
            if wanted
            else "There are no jobs yet; `trax transcribe FILE` makes one."
        )
        return
    rows = [
        (
            job.id,
            escape(job.name),
            _status(job),
            str(job.attempts),
            moment(job.created_at),
            _why(job),
        )
        for job in found
    ]
    out().print(
        table(("job", "recording", "status", "attempts", "made", ""), rows, right=("attempts",))
    )


def show_job(reference: str, *, as_json: bool) -> None:
    """One job: facts, stages, failure report."""
    jobs = open_jobs(load_settings())
    job = jobs.get(reference)
    runs = jobs.stage_runs(job.id)
    if as_json:
        print_json({**_plain(asdict(job)), "stages": [_plain(asdict(run)) for run in runs]})
        return
    out().print(
        f"[bold]{escape(job.name)}[/]  {_status(job)}, {job.attempts} attempts, made "
        f"{moment(job.created_at)}"
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
        for run in runs
    ]
    if rows:
        out().print(
            table(
                ("stage", "seconds", "cached", "retries", "engine"),
                rows,
                right=("seconds", "retries"),
            )
        )
    if job.error:
        out().print()
        out().print(render_failure(job.error), markup=False)


def retry_jobs(references: Sequence[str], folder: str, *, everything: bool, quiet: bool) -> int:
    """Do jobs again; gives the exit code: 0 where all went well."""
    if bool(references) == everything:
        raise InvalidOption("name the jobs to do again, or say --all")
    jobs = open_jobs(load_settings())
    chosen = (
        jobs.newest(_FAILED, 10_000)
        if everything
        else [jobs.get(reference) for reference in references]
    )
    codes = set()
    for job in chosen:
        if not quiet:
            err().print(f"job {job.id}: {escape(job.name)}")
        try:
            options = {name: value for name, value in job.options.items() if name != "formats"}
            formats = ",".join(job.options.get("formats", ())) or "txt,md,json,srt,vtt"
            batch = Batch.prepare([Path(job.source)], options, formats, Path(folder))
            codes.add(batch.run("quiet" if quiet else "live"))
        except Exception as error:  # noqa: BLE001 - the edge of one job: the next must go on
            codes.add(tell(error))
    if not chosen:
        out().print("There is nothing to do again.")
    codes.discard(0)
    return 0 if not codes else codes.pop() if len(codes) == 1 else 1


def list_checkpoints(stage: str, *, as_json: bool) -> None:
    """Kept results, a row each."""
    found = sorted(_kept(stage), key=lambda kept: kept.manifest.modified_at, reverse=True)
    if as_json:
        print_json([_plain(asdict(kept)) for kept in found])
        return
    if not found:
        out().print("There are no checkpoints.")
        return
    rows = []
    for kept in found:
        made = kept.checkpoint
        name = escape(made.name or made.recording[:12]) if made else "[red]damaged[/]"
        size = f"{made.size_bytes / 1e6:.1f}" if made else ""
        key = kept.manifest.key.rpartition("/")[2][:12]
        rows.append((kept.stage, key, name, size, moment(kept.manifest.modified_at)))
    out().print(table(("stage", "key", "recording", "MB", "made"), rows, right=("MB",)))


def prune_checkpoints(stage: str, recording: str, days: float, *, dry_run: bool) -> None:
    """Remove kept results, each noted in the audit log."""
    settings = load_settings()
    database, checkpoints = open_database(settings), Checkpoints(open_objects(settings))
    before = datetime.now(UTC) - timedelta(days=days)
    size = count = 0
    for kept in list(_kept(stage)):
        if kept.manifest.modified_at > before or not _is_of(kept, recording):
            continue
        count, size = count + 1, size + (kept.checkpoint.size_bytes if kept.checkpoint else 0)
        if not dry_run:
            with database.writing() as session:
                add_entry(session, "checkpoint.pruned", kept.manifest.key)
            checkpoints.remove(kept)
    out().print(
        f"{'would remove' if dry_run else 'removed'} {count} checkpoints, {size / 1e6:.1f} MB"
    )


def search_transcripts(query: str, most: int, *, as_json: bool) -> None:
    """Segments in which something was said."""
    repository = open_transcripts(load_settings())
    hits = repository.search(query, most)
    if as_json:
        print_json([asdict(hit) for hit in hits])
        return
    if not hits:
        out().print("Nobody said that.")
    for hit in hits:
        speaker = f"{hit.speaker}  " if hit.speaker else ""
        out().print(
            f"[bold]{escape(hit.name)}[/] [dim]{format_clock(hit.start)}  "
            f"{speaker}transcript {hit.transcript_id}[/]"
        )
        out().print(f"  {escape(hit.text)}")


def show_database() -> int:
    """Which database is used, and whether it can be: gives the exit code."""
    database = open_database(load_settings())
    try:
        with database.reading():
            problem = ""
    except SchemaMismatch as error:
        problem = sentence(error)
    out().print(f"{database.kind}, revision {database.revision()}")
    if problem:
        out().print(f"[yellow]{escape(problem)}[/]")
        return SchemaMismatch.exit_code
    out().print(f"{open_transcripts(load_settings()).count()} transcripts")
    return 0


def upgrade_database(*, dry_run: bool) -> None:
    """Bring the schema up to date."""
    change = open_database(load_settings()).upgrade(keep=not dry_run)
    if change.before == change.after:
        out().print(f"The database is at revision {change.after} already.")
        return
    if change.report:
        _report(change.report)
    done = "would go" if dry_run else "went"
    out().print(f"The database {done} from {change.before} to revision {change.after}.")


def go_back_to_v1(*, discard: bool) -> None:
    """Undo the upgrade from v1."""
    _report(open_database(load_settings()).back_to_v1(discard=discard))
    out().print("The database is v1's again.")


def show_log(most: int, *, as_json: bool) -> None:
    """The audit log, newest first."""
    with open_database(load_settings()).reading() as session:
        entries = newest_entries(session, most)
    if as_json:
        print_json([_plain(asdict(entry)) for entry in entries])
        return
    rows = [
        (
            moment(each.at),
            each.actor,
            each.action,
            escape(each.subject),
            escape(_details(each.details)),
        )
        for each in entries
    ]
    out().print(table(("when", "who", "what", "subject", ""), rows))


def clean_up(*, dry_run: bool) -> None:
    """Remove what is kept no longer."""
    settings = load_settings()
    objects = open_objects(settings)
    database = open_database(settings)
    removals = (due if dry_run else remove)(objects, database, objects.retention)
    size = count = 0
    for removal in removals:
        count, size = count + 1, size + removal.size_bytes
        out().print(
            f"{removal.reason:18} {removal.size_bytes / 1e6:9.1f} MB  {escape(removal.key)}"
        )
    out().print(f"{'would remove' if dry_run else 'removed'} {count} objects, {size / 1e6:.1f} MB")


def _report(report: Report) -> None:
    for name, count in report.counts.items():
        out().print(f"{count:9}  {name}")
    for fault in report.faults:
        err().print(f"[red]fault:[/] {escape(fault)}")


def _kept(stage: str) -> Iterable[KeptCheckpoint]:
    if stage:
        TRANSCRIBE.stage(stage)
    return Checkpoints(open_objects(load_settings())).all(stage)


def _is_of(kept: KeptCheckpoint, recording: str) -> bool:
    if not recording:
        return True
    made = kept.checkpoint
    return made is not None and (made.name == recording or made.recording.startswith(recording))


def _status(job: JobRecord) -> str:
    done = (
        f" {job.stage} {job.progress:.0%}" if job.status is JobStatus.RUNNING and job.stage else ""
    )
    return f"[{_COLOURS.get(job.status, 'default')}]{job.status}[/]{done}"


def _why(job: JobRecord) -> str:
    if job.error is None:
        return f"transcript {job.transcript_id}" if job.transcript_id else ""
    where = f"{job.error['stage']}: " if job.error.get("stage") else ""
    return escape(where + str(job.error.get("error", "")))


def _details(details: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {value}" for name, value in details.items() if value not in (None, "")
    )


def _plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
