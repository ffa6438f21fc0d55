"""Kept transcripts on screen."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from trax.cli.edge import err, out
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
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "version", "recording", "length", "speakers", "words", "language", "made"):
        table.add_column(column, justify="right" if column in ("version", "length", "speakers", "words") else "left")
    for each in summaries:
        made = each.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        numbers = (format_clock(each.duration), str(each.speakers), str(each.words))
        table.add_row(each.id, str(each.version), escape(each.name), *numbers, each.language, made)
    out().print(table)


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
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("stage", "seconds", "speed", "cached", "memory", "engine"):
        table.add_column(column, justify="right" if column in ("seconds", "speed", "memory") else "left")
    for run in settings.jobs().stage_runs(newest.job_id or ""):
        speed = "" if run.cached else f"{run.speed_factor:.1f}x"
        memory = f"{run.peak_memory_bytes / 1e6:.0f} MB"
        table.add_row(run.stage, f"{run.seconds:.2f}", speed, "yes" if run.cached else "", memory, run.engine)
    out().print(table)
