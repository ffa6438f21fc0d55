"""A transcript on screen: its text, and what is known of how good it is."""

from collections.abc import Iterator

from rich.markup import escape

from trax.cli.edge import err, out
from trax.export.paragraphs import paragraphs
from trax.transcript import Transcript, Usage, format_clock


def print_text(transcript: Transcript) -> None:
    """Print who says what, a paragraph a speaker."""
    for part in paragraphs(transcript):
        out().print(f"[bold]{escape(part.name)}[/] [dim]{format_clock(part.start)}[/]")
        out().print(f"{escape(part.text)}\n")


def print_warnings(transcript: Transcript) -> None:
    """Print what went wrong on the way."""
    for warning in transcript.warnings:
        err().print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)


def facts(transcript: Transcript) -> Iterator[str]:
    """Expected errors, hotwords, removed text, a language model's work: a line each, marked up."""
    if transcript.expected_errors is not None:
        yield f"[dim]{transcript.expected_errors}[/]"
    if transcript.speaker_confidence is not None and len(transcript.speakers) > 1:
        share = round(100 * transcript.speaker_confidence)
        yield f"[dim]about {share} % of the speech has the right speaker[/]"
    if transcript.vocabulary is not None:
        said = ", ".join(f"{term} ({count})" for term, count in transcript.vocabulary.heard.items())
        yield f"[dim]hotwords heard: {escape(said or 'none')}[/]"
    if transcript.removed:
        count = sum(len(each.words) for each in transcript.removed)
        yield (
            f"[dim]{count} words that nobody said were taken out: "
            f"`trax removed {transcript.id}` shows them[/]"
        )
    yield from _enhancement(transcript)


def _enhancement(transcript: Transcript) -> Iterator[str]:
    """What a language model did, and what it cost."""
    domain = transcript.provenance.domain
    adapter = transcript.provenance.adapter
    if adapter is not None and adapter.name:
        source = "as given" if adapter.by == "given" else f"told by {adapter.by}"
        yield f"[dim]read with the adapter {escape(adapter.name)} ({source})[/]"
    work = transcript.enhancement
    notes = transcript.notes
    if domain is not None and domain.name != "general":
        source = "as given" if domain.by == "given" else f"told by {domain.by}"
        yield f"[dim]{domain.name} speech ({source})[/]"
    if work is not None and work.skipped and notes is None:
        yield f"[dim]not enhanced: {work.skipped}[/]"
    if work is not None and work.model:
        yield (
            f"[dim]{escape(work.model)}: {len(work.made)} edits made, {len(work.refused)} refused: "
            f"`trax edits {transcript.id}`[/]"
        )
    usage = (work.usage if work else Usage()) + (notes.usage if notes else Usage())
    if usage.requests or usage.reused:
        yield f"[dim]{escape(str(usage))}[/]"
