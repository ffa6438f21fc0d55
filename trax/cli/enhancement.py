"""What the command line says of language models: tasks, edits, notes."""

import json
from collections.abc import Iterator, Sequence

from rich.markup import escape

from trax.cli.edge import names, out, print_json
from trax.cli.tables import table
from trax.compose import open_transcripts
from trax.enhance import TASKS
from trax.errors import InvalidOption, NotFound
from trax.merge.undo import undone, with_names
from trax.settings import load_settings
from trax.transcript import Edit, Notes, Transcript, Usage, format_clock
from trax.transcript.codec import to_json


def tasks(listed: str, translate: str) -> list[str]:
    """The tasks that are listed by commas; ``none`` are none.

    Raises:
        InvalidOption: there is no such task.
    """
    wanted = [] if listed.strip() == "none" else names(listed, "task, or none")
    for name in wanted:
        if name not in TASKS:
            raise InvalidOption(
                f"--enhance: there is no task {name!r}; tasks are {', '.join(TASKS)}, none"
            )
    return [*wanted, *(["translate"] if translate else [])]


def facts(transcript: Transcript) -> Iterator[str]:
    """What a language model did, and what it cost: a sentence each, marked up."""
    domain, work, notes = transcript.provenance.domain, transcript.enhancement, transcript.notes
    if domain is not None and domain.name != "general":
        yield (
            f"[dim]{domain.name} speech "
            f"({'as given' if domain.by == 'given' else f'told by {domain.by}'})[/]"
        )
    if work is not None and work.skipped and notes is None:
        yield f"[dim]not enhanced: {work.skipped}[/]"
    if work is not None and work.model:
        made, refused = len(work.made), len(work.refused)
        yield (
            f"[dim]{escape(work.model)}: {made} edits made, {refused} refused: `trax edits "
            f"{transcript.id}`[/]"
        )
    usage = (work.usage if work else Usage()) + (notes.usage if notes else Usage())
    if usage.requests or usage.reused:
        yield f"[dim]{escape(str(usage))}[/]"


def show_edits(reference: str, *, as_json: bool) -> None:
    """Every edit that a language model asked for, numbered."""
    transcript = open_transcripts(load_settings()).get(reference)
    if as_json:
        document = json.loads(to_json(transcript))
        print_json(
            {
                "enhancement": document["enhancement"],
                "speakers": (document["notes"] or {}).get("edits", []),
            }
        )
        return
    edits = transcript.enhancement.edits if transcript.enhancement else ()
    moves = transcript.notes.edits if transcript.notes else ()
    if not edits and not moves:
        out().print("No language model asked for an edit of this transcript.")
        return
    columns = ("number", "at", "task", "before", "after", "made")
    rows = [_row(str(number), edit) for number, edit in enumerate(edits, start=1)]
    out().print(
        table(columns, [*rows, *(_row("", move) for move in moves)], right=("number", "at"))
    )


def undo_edits(reference: str, numbers: Sequence[int]) -> None:
    """Put back what was there before edits, as a new version; before all of them where no *numbers*
    are given.
    """
    repository = open_transcripts(load_settings())
    transcript = repository.get(reference)
    version = repository.save(undone(transcript, numbers))
    out().print(f"transcript {transcript.id}, version {version}")


def show_notes(reference: str, *, as_json: bool) -> None:
    """What a language model wrote about a transcript."""
    transcript = open_transcripts(load_settings()).get(reference)
    if as_json:
        print_json(json.loads(to_json(transcript))["notes"])
        return
    if transcript.notes is None:
        out().print(
            "No language model wrote about it; `trax transcribe --enhance title,summary` asks one."
        )
        return
    for line in _lines(transcript, transcript.notes):
        out().print(escape(line))


def apply_names(reference: str) -> None:
    """Give speakers the names that were proposed, as a new version.

    Raises:
        NotFound: none were.
    """
    repository = open_transcripts(load_settings())
    transcript = repository.get(reference)
    if transcript.notes is None or not transcript.notes.names:
        raise NotFound(
            "proposed name", transcript.id, "`trax transcribe --enhance names` looks for names"
        )
    version = repository.save(
        with_names(transcript, {each.speaker: each.name for each in transcript.notes.names})
    )
    out().print(f"transcript {transcript.id}, version {version}")


def _row(number: str, edit: Edit) -> tuple[str, ...]:
    verdict = f"[yellow]no: {escape(edit.rejected)}[/]" if edit.rejected else "[green]yes[/]"
    return (
        number,
        format_clock(edit.start, 1),
        edit.task,
        escape(edit.before),
        escape(edit.after),
        verdict,
    )


def _lines(transcript: Transcript, notes: Notes) -> Iterator[str]:
    yield from (line for line in (notes.title, notes.summary) if line)
    yield from (f"{format_clock(each.start)}  {each.title}" for each in notes.chapters)
    for item in notes.action_items:
        yield (
            f"to do ({transcript.display_name(item.speaker)}, {format_clock(item.start)}): "
            f"{item.text}"
        )
        yield f"    “{item.quote}”"
    for named in notes.names:
        who = transcript.display_name(named.speaker)
        yield f"{who} is probably {named.name} ({format_clock(named.start)}: “{named.quote}”)"
    yield from (
        f"translated to {language}: `trax export --language {language}`"
        for language in notes.translations
    )
    yield from (f"left out, for want of evidence: {each}" for each in notes.dropped)
    yield f"written by {notes.model}; {notes.usage}"
