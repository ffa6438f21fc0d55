"""``trax notes``."""

from collections.abc import Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.correcting import show_or_change
from trax.cli.edge import edge, out

if TYPE_CHECKING:
    from trax.service.revisions import Edits
    from trax.store import Revision
    from trax.transcript import Notes, Transcript


def notes(
    transcript: Annotated[
        str, typer.Argument(help="Id, or the beginning of it, or `latest`.")
    ] = "latest",
    accept_names: Annotated[
        bool, typer.Option("--accept-names", help="Give speakers the names that are proposed.")
    ] = False,
    translate: Annotated[
        str, typer.Option(help="Code of a language to translate passages to again; needs --at.")
    ] = "",
    at: Annotated[
        list[float] | None,
        typer.Option(help="Seconds at which a passage is said; may be given several times."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a language model wrote about a transcript.

    That is a title, a summary, chapters, action items, names of speakers, translations. Accepting
    names makes a new version of the transcript.

    **Examples**

    `trax notes latest`

    `trax notes 3f2a --accept-names`

    `trax notes 3f2a --translate de --at 83.5`
    """
    with edge():
        from trax.errors import InvalidOption

        if bool(translate) != bool(at):
            raise InvalidOption("--translate and --at go together")
        if translate and accept_names:
            raise InvalidOption("--translate and --accept-names do not go together")
    change = partial(_named, transcript) if accept_names else None
    if translate:
        change = partial(_translated, transcript, translate, at or [])
    show_or_change(transcript, change, _show, itemgetter("notes") if as_json else None)


def _named(reference: str, edits: "Edits") -> "Revision":
    from trax.service.revisions import accept_names as accepted

    return accepted(edits, reference)


def _translated(
    reference: str, language: str, times: "Sequence[float]", edits: "Edits"
) -> "Revision":
    from trax.compose import process_workspace
    from trax.service.translating import translate_again, words_at

    workspace = process_workspace()
    words = words_at(workspace.repository.get(reference), times)
    return translate_again(workspace, edits, reference, language, words)


def _show(transcript: "Transcript") -> None:
    from rich.markup import escape

    if transcript.notes is None:
        out().print(
            "No language model wrote about it; `trax transcribe --enhance title,summary` asks one."
        )
        return
    for line in _lines(transcript, transcript.notes):
        out().print(escape(line))


def _lines(transcript: "Transcript", notes: "Notes") -> Iterator[str]:
    from trax.transcript import format_clock

    yield from (line for line in (notes.title, notes.summary) if line)
    yield from (f"{format_clock(each.start)}  {each.title}" for each in notes.chapters)
    for item in notes.action_items:
        who = transcript.display_name(item.speaker)
        yield f"to do ({who}, {format_clock(item.start)}): {item.text}"
        yield f"    “{item.quote}”"
    for named in notes.names:
        who = transcript.display_name(named.speaker)
        yield f"{who} is probably {named.name} ({format_clock(named.start)}: “{named.quote}”)"
    for language in notes.translations:
        yield f"translated to {language}: `trax export --language {language}`"
    yield from (f"left out, for want of evidence: {each}" for each in notes.dropped)
    yield f"written by {notes.model}; {notes.usage}"
