"""``trax export``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, names
from trax.cli.edge import out as console

if TYPE_CHECKING:
    from trax.progress import Event
    from trax.transcript import Span, Transcript


def export(
    transcript: Annotated[
        str, typer.Argument(help="Id, the beginning of it, `latest`, or a transcript's .json file.")
    ],
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="txt, md, json, srt, vtt, tsv, csv, rttm, ctm, stm, docx, html, svg.",
        ),
    ] = "txt",
    language: Annotated[
        str, typer.Option(help="Code of a language that it was translated to.")
    ] = "",
    redact: Annotated[
        str,
        typer.Option(
            help="Leave out personal data, by commas: names, numbers, addresses, emails; or all."
        ),
    ] = "",
    audio: Annotated[
        Path | None,
        typer.Option(
            help="With --redact: also write the recording (FLAC) with silence in those places."
        ),
    ] = None,
    embed_audio: Annotated[
        bool,
        typer.Option("--embed-audio", help="Put the sound into the html page."),
    ] = False,
    silenced: Annotated[
        Path | None,
        typer.Option(
            help="Also write the recording (FLAC) with silence where words were deleted with their "
            "sound."
        ),
    ] = None,
    template: Annotated[
        str,
        typer.Option(
            help="For md: fill this template, a file or a name: note, or a file in templates/ of "
            "the data folder."
        ),
    ] = "",
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder for the files; - for standard output.")
    ] = ".",
) -> None:
    """Write a transcript in other formats.

    **Examples**

    `trax export latest --format docx,srt --out minutes/`

    `trax export transcripts/interview.json -f vtt -o - > interview.vtt`

    `trax export latest --language de --format srt`

    `trax export latest --redact all --format txt --audio public.flac`

    `trax export latest --format html --embed-audio`

    `trax export latest --silenced edited.flac`

    `trax export latest -f md --template note --out ~/vault/Meetings`
    """
    with edge():
        from trax.compose import open_database, process_workspace
        from trax.errors import InvalidOption
        from trax.export import known_formats
        from trax.progress import reporting
        from trax.service import exports
        from trax.settings import load_settings

        wanted = known_formats(names(formats, "format"))
        document = exports.in_language(_document(transcript), language)
        if audio is not None and not redact:
            raise InvalidOption("--audio goes with --redact")
        if embed_audio and "html" not in wanted:
            raise InvalidOption("--embed-audio goes with --format html")
        if template and "md" not in wanted:
            raise InvalidOption("--template goes with --format md")
        spans: list[Span] = []
        if redact:
            document, spans = _redacted(document, redact, audio)
        if out == "-" and len(wanted) != 1:
            raise InvalidOption("standard output takes one format")
        data = exports.rendered(document, wanted)
        if embed_audio:
            data["html"] = _player_page(document, spans)
        if template:
            data["md"] = _note(document, template, redacted=bool(redact))
        if silenced is not None:
            exports.write_silenced_audio(process_workspace(), document, silenced)
        if out == "-":
            sys.stdout.buffer.write(data[wanted[0]])
            return
        database = open_database(load_settings())
        with reporting(_show_note):
            files = exports.write_files(database, document, data, Path(out))
        for file in files.values():
            console().print(str(file), markup=False)


def _show_note(event: "Event") -> None:
    """Print what is worth knowing about where the files went."""
    from trax.progress import Noted

    if isinstance(event, Noted):
        err().print(event.message, markup=False, soft_wrap=True, style="dim")


def _document(reference: str) -> "Transcript":
    from trax.compose import open_transcripts
    from trax.service.transcripts import read_transcript
    from trax.settings import load_settings

    path = Path(reference)
    if path.suffix == ".json" or path.is_file():
        return read_transcript(path)
    return open_transcripts(load_settings()).get(reference)


def _note(document: "Transcript", template: str, *, redacted: bool) -> bytes:
    """The transcript by a template: a file, or one of the data folder."""
    from trax.compose import open_transcripts
    from trax.service.templates import noted, read_template, template_named
    from trax.settings import load_settings

    settings = load_settings()
    path = Path(template).expanduser()
    text = read_template(path) if path.is_file() else template_named(settings.home, template)
    return noted(open_transcripts(settings), document, text, redacted=redacted)


def _player_page(document: "Transcript", spans: "list[Span]") -> bytes:
    """The page with the recording within, silent in *spans*."""
    from tempfile import TemporaryDirectory

    from trax.compose import process_workspace
    from trax.service import exports

    workspace = process_workspace()
    with TemporaryDirectory(dir=workspace.objects.scratch, prefix="page-") as folder:
        return b"".join(exports.player_page(workspace, document, spans, Path(folder)))


def _redacted(
    document: "Transcript", listed: str, audio: Path | None
) -> "tuple[Transcript, list[Span]]":
    """The transcript without the kinds of personal data *listed*, and when that was said; *audio*
    gets its sound.
    """
    from trax.compose import process_workspace
    from trax.service import exports
    from trax.settings import load_settings

    kinds = names(listed, "kind of personal data")
    redacted, spans = exports.redact(document, kinds, load_settings().spacy_model)
    err().print(f"{len(spans)} places left out", style="dim")
    if audio is not None:
        exports.write_redacted_audio(process_workspace(), document, spans, audio)
    return redacted, spans
