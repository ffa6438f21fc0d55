"""``trax show``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out

if TYPE_CHECKING:
    from trax.merge.sure_talk import SureTalk
    from trax.store.transcripts import TranscriptRepository, TranscriptSummary

_INSTEAD = ("versions", "stages", "statistics", "blame")
_EXCLUSIVE = (
    _INSTEAD,
    ("version", "versions"),
    ("version", "stages"),
    ("transcript", "tag"),
    *((each, "tag") for each in ("version", *_INSTEAD)),
)


def show(
    context: typer.Context,
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "",
    version: Annotated[
        int | None, typer.Option(help="A version that is not the newest.", min=1)
    ] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="List its versions instead.")
    ] = False,
    stages: Annotated[
        bool, typer.Option("--stages", help="Show how its stages went instead.")
    ] = False,
    statistics: Annotated[
        bool,
        typer.Option(
            "--conversation",
            help="Show who spoke how much, how fast, and who interrupted, instead.",
        ),
    ] = False,
    blame: Annotated[
        bool, typer.Option("--blame", help="Show who changed which words last, instead.")
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="List transcripts that have this tag; several: all of them."),
    ] = None,
) -> None:
    """Show a transcript, or list them all.

    **Examples**

    `trax show` — the newest transcripts

    `trax show latest`

    `trax show --tag budget`

    `trax show 3f2a --stages`

    `trax show 3f2a --version 1`

    `trax show latest --conversation`

    `trax show latest --blame`
    """
    with edge():
        from trax.cli.given import exclusive, needed
        from trax.cli.history import show_blame, show_versions
        from trax.compose import open_revisions, open_transcripts
        from trax.settings import load_settings
        from trax.store import Wanted

        exclusive(context, _EXCLUSIVE)
        needed(context, "transcript", by=("version", *_INSTEAD))
        settings = load_settings()
        repository = open_transcripts(settings)
        if not transcript:
            _show_list(repository.summaries(wanted=Wanted(tags=tuple(tag or ()))))
        elif stages:
            _show_stages(repository, transcript)
        elif versions:
            show_versions(open_revisions(settings), transcript)
        elif blame:
            show_blame(open_revisions(settings), transcript, version)
        elif statistics:
            _show_conversation(repository, transcript, version)
        else:
            _show_text(repository, transcript, version)


def _show_conversation(
    repository: "TranscriptRepository", reference: str, version: int | None
) -> None:
    """How everybody took part, a row each."""
    from rich.markup import escape

    from trax.cli.tables import table
    from trax.merge.conversation import conversation
    from trax.transcript import format_clock

    document = repository.get(reference, version)
    found = conversation(document)
    out().print(
        f"{format_clock(found.duration)} in all, {format_clock(found.silence)} of silence, "
        f"{found.overlap:.1f} s of overlap"
    )
    numbers = (
        "talk",
        "between",
        "share",
        "turns",
        "words/min",
        "questions",
        "interrupts",
        "interrupted",
    )
    rows = [
        (
            escape(document.display_name(each.speaker)),
            format_clock(each.talk),
            _bounds(each.sure),
            f"{each.share:.0%}",
            str(each.turns),
            f"{each.words_per_minute:.0f}",
            str(each.questions),
            str(each.interrupts),
            str(each.interrupted),
        )
        for each in found.speakers
    ]
    out().print(table(("speaker", *numbers), rows, right=numbers))


def _bounds(sure: "SureTalk | None") -> str:
    """The bounds of somebody's talk; empty if no engine said."""
    from trax.transcript import format_clock

    return f"{format_clock(sure.low)}-{format_clock(sure.high)}" if sure else ""


def _show_list(summaries: "Sequence[TranscriptSummary]") -> None:
    """Transcripts, a row each."""
    from rich.markup import escape

    from trax.cli.tables import moment, table
    from trax.transcript import format_clock

    if not summaries:
        out().print("There are no transcripts yet; `trax transcribe FILE` makes one.")
        return
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


def _show_text(repository: "TranscriptRepository", reference: str, version: int | None) -> None:
    """One transcript as text."""
    from rich.markup import escape

    from trax.cli.transcripts import facts, print_text, print_warnings
    from trax.transcript import format_clock

    transcript = repository.get(reference, version)
    recording = transcript.recording
    out().print(f"[bold]{escape(recording.name)}[/]  {format_clock(recording.duration)}\n")
    print_text(transcript)
    print_warnings(transcript)
    for fact in facts(transcript):
        out().print(fact)


def _show_stages(repository: "TranscriptRepository", reference: str) -> None:
    """How the stages of one transcript went, a row each."""
    from trax.cli.tables import table
    from trax.compose import open_jobs
    from trax.service.transcripts import stages_of
    from trax.settings import load_settings

    rows = [
        (
            run.stage,
            f"{run.seconds:.2f}",
            "" if run.cached else f"{run.speed_factor:.1f}x",
            "yes" if run.cached else "",
            f"{run.peak_memory_bytes / 1e6:.0f} MB",
            run.engine,
        )
        for run in stages_of(repository, open_jobs(load_settings()), reference)
    ]
    columns = ("stage", "seconds", "speed", "cached", "memory", "engine")
    out().print(table(columns, rows, right=("seconds", "speed", "memory")))
