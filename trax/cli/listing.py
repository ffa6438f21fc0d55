"""Kept transcripts on screen."""

import json
from collections.abc import Iterator, Sequence

from rich.markup import escape

from trax.cli.edge import err, out, print_json
from trax.cli.enhancement import facts as enhancement_facts
from trax.cli.tables import moment, table
from trax.compose import open_jobs, open_transcripts
from trax.export.paragraphs import paragraphs
from trax.merge import restored
from trax.settings import load_settings
from trax.store import TranscriptSummary
from trax.transcript import Transcript, format_clock, joined_text
from trax.transcript.codec import to_json


def show_list() -> None:
    """The newest transcripts, a row each."""
    summaries = open_transcripts(load_settings()).summaries()
    if not summaries:
        out().print("There are no transcripts yet; `trax transcribe FILE` makes one.")
        return
    _show_summaries(summaries)


def show_versions(reference: str) -> None:
    """Every version of one transcript, a row each."""
    _show_summaries(open_transcripts(load_settings()).versions(reference))


def _show_summaries(summaries: Sequence[TranscriptSummary]) -> None:
    columns = ("id", "version", "recording", "length", "speakers", "words", "language", "made")
    rows = [
        (
            each.id,
            str(each.version),
            escape(each.name),
            format_clock(each.duration),
            str(each.speakers),
            str(each.words),
            each.language,
            moment(each.created_at),
        )
        for each in summaries
    ]
    out().print(table(columns, rows, right=("version", "length", "speakers", "words")))


def show_transcript(reference: str, version: int | None = None) -> None:
    """One transcript as text."""
    transcript = open_transcripts(load_settings()).get(reference, version)
    out().print(
        f"[bold]{escape(transcript.recording.name)}[/]  "
        f"{format_clock(transcript.recording.duration)}\n"
    )
    for part in paragraphs(transcript):
        out().print(
            f"[bold]{escape(part.name)}[/] "
            f"[dim]{format_clock(part.start)}[/]\n{escape(part.text)}\n"
        )
    for warning in transcript.warnings:
        err().print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
    for fact in facts(transcript):
        out().print(fact)


def facts(transcript: Transcript) -> Iterator[str]:
    """How good it may be, which hotwords were heard, whether text was taken out: a sentence each,
    marked up.
    """
    if transcript.expected_errors is not None:
        yield f"[dim]{transcript.expected_errors}[/]"
    if transcript.speaker_confidence is not None and len(transcript.speakers) > 1:
        yield (
            f"[dim]about {round(100 * transcript.speaker_confidence)} % of the speech has the "
            "right speaker[/]"
        )
    if transcript.vocabulary is not None:
        said = ", ".join(f"{term} ({count})" for term, count in transcript.vocabulary.heard.items())
        yield f"[dim]hotwords heard: {escape(said or 'none')}[/]"
    if transcript.removed:
        count = sum(len(each.words) for each in transcript.removed)
        yield (
            f"[dim]{count} words that nobody said were taken out: `trax removed {transcript.id}` "
            "shows them[/]"
        )
    yield from enhancement_facts(transcript)


def show_removed(reference: str, *, as_json: bool) -> None:
    """What was taken out of a transcript, numbered."""
    transcript = open_transcripts(load_settings()).get(reference)
    if as_json:
        print_json(json.loads(to_json(transcript))["removed"])
        return
    if not transcript.removed:
        out().print("Nothing was taken out of this transcript.")
        return
    rows = [
        (
            str(number),
            format_clock(each.words[0].start, 1),
            each.reason.value,
            escape(joined_text(each.words)),
        )
        for number, each in enumerate(transcript.removed, start=1)
    ]
    out().print(table(("number", "at", "reason", "text"), rows, right=("number", "at")))


def restore_removed(reference: str, numbers: Sequence[int]) -> None:
    """Put what was taken out back, as a new version; all of it where no *numbers* are given."""
    repository = open_transcripts(load_settings())
    transcript = repository.get(reference)
    version = repository.save(
        restored(transcript, numbers or range(1, len(transcript.removed) + 1))
    )
    out().print(f"transcript {transcript.id}, version {version}")


def show_stages(reference: str) -> None:
    """How the stages of one transcript went."""
    settings = load_settings()
    newest = open_transcripts(settings).versions(reference)[0]
    runs = open_jobs(settings).stage_runs(newest.job_id or "")
    rows = [
        (
            run.stage,
            f"{run.seconds:.2f}",
            "" if run.cached else f"{run.speed_factor:.1f}x",
            "yes" if run.cached else "",
            f"{run.peak_memory_bytes / 1e6:.0f} MB",
            run.engine,
        )
        for run in runs
    ]
    columns = ("stage", "seconds", "speed", "cached", "memory", "engine")
    out().print(table(columns, rows, right=("seconds", "speed", "memory")))
