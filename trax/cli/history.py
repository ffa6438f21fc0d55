"""Who made a transcript what it is: its versions, and the last change of each word."""

from rich.markup import escape

from trax.cli.edge import out
from trax.cli.tables import moment, table
from trax.service.blame import last_changes
from trax.service.links import shown_name
from trax.store import Revision, RevisionRepository
from trax.store.transcripts import TranscriptSummary
from trax.transcript import format_clock

_ALL = 1_000_000  # changes


def show_versions(revisions: RevisionRepository, reference: str) -> None:
    """Versions, a row each; those whose changes make them again are among them."""
    kept = {each.version: each for each in revisions.transcripts.versions(reference)}
    made = {each.version: each for each in revisions.newest(reference, _ALL)}
    first = next(iter(kept.values()))
    out().print(f"[bold]{escape(first.name)}[/]  {first.id}\n")
    rows = [
        _changed(made[number], kept.get(number)) if number in made else _transcribed(kept[number])
        for number in sorted({*kept, *made}, reverse=True)
    ]
    columns = ("version", "made", "by", "what", "speakers", "words")
    out().print(table(columns, rows, right=("version", "speakers", "words")))


def _transcribed(kept: TranscriptSummary) -> tuple[str, ...]:
    return (str(kept.version), moment(kept.created_at), "", "transcribed", *_counts(kept))


def _changed(made: Revision, kept: TranscriptSummary | None) -> tuple[str, ...]:
    return (str(made.version), moment(made.at), _by(made), _what(made), *_counts(kept))


def _counts(kept: TranscriptSummary | None) -> tuple[str, str]:
    return (str(kept.speakers), str(kept.words)) if kept else ("", "")


def show_blame(revisions: RevisionRepository, reference: str, version: int | None) -> None:
    """What people changed, a row for each stretch of words."""
    found = last_changes(revisions, reference, version)
    if not found:
        out().print("Nobody has changed a word of this transcript.")
        return
    rows = [
        (
            format_clock(each.start, 1),
            escape(each.text),
            _by(each.revision),
            moment(each.revision.at),
            str(each.revision.version),
        )
        for each in found
    ]
    columns = ("at", "text", "by", "changed", "version")
    out().print(table(columns, rows, right=("at", "version")))


def _by(revision: Revision) -> str:
    return escape(", ".join(shown_name(each) for each in revision.authors))


def _what(revision: Revision) -> str:
    kind = revision.kind.replace("_", " ")
    if revision.restored is not None:
        kind += f" of version {revision.restored}"
    return escape(f"{kind}: {revision.name}" if revision.name else kind)
