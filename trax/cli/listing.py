"""Kept transcripts on screen."""

from collections.abc import Sequence

from rich.markup import escape

from trax.cli.edge import err, out
from trax.cli.tables import moment, table
from trax.export.paragraphs import paragraphs
from trax.settings import load_settings
from trax.store import TranscriptSummary
from trax.transcript import format_clock


def show_list() -> None:
    """The newest transcripts, a row each."""
    summaries = load_settings().repository().summaries()
    if not summaries:
        out().print("There are no transcripts yet; `trax transcribe FILE` makes one.")
        return
    _show_summaries(summaries)


def show_versions(reference: str) -> None:
    """Every version of one transcript, a row each."""
    _show_summaries(load_settings().repository().versions(reference))


def _show_summaries(summaries: Sequence[TranscriptSummary]) -> None:
    columns = ("id", "version", "recording", "length", "speakers", "words", "language", "made")
    rows = [
        (each.id, str(each.version), escape(each.name), format_clock(each.duration), str(each.speakers),
         str(each.words), each.language, moment(each.created_at))
        for each in summaries
    ]  # fmt: skip
    out().print(table(columns, rows, right=("version", "length", "speakers", "words")))


def show_transcript(reference: str, version: int | None = None) -> None:
    """One transcript as text."""
    transcript = load_settings().repository().get(reference, version)
    out().print(f"[bold]{escape(transcript.recording.name)}[/]  {format_clock(transcript.recording.duration)}\n")
    for part in paragraphs(transcript):
        out().print(f"[bold]{escape(part.name)}[/] [dim]{format_clock(part.start)}[/]\n{escape(part.text)}\n")
    for warning in transcript.warnings:
        err().print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)


def show_stages(reference: str) -> None:
    """How the stages of one transcript went."""
    settings = load_settings()
    newest = settings.repository().versions(reference)[0]
    runs = settings.jobs().stage_runs(newest.job_id or "")
    rows = [
        (run.stage, f"{run.seconds:.2f}", "" if run.cached else f"{run.speed_factor:.1f}x", "yes" if run.cached else "",
         f"{run.peak_memory_bytes / 1e6:.0f} MB", run.engine)
        for run in runs
    ]  # fmt: skip
    columns = ("stage", "seconds", "speed", "cached", "memory", "engine")
    out().print(table(columns, rows, right=("seconds", "speed", "memory")))
