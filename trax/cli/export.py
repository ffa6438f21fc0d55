"""``trax export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge

if TYPE_CHECKING:
    from trax.transcript import Transcript


def export(
    transcript: Annotated[
        str, typer.Argument(help="Id, the beginning of it, `latest`, or a transcript's .json file.")
    ],
    formats: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="txt, md, json, srt, vtt, tsv, csv, rttm, ctm, stm, docx, svg."
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
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder for the files; - for standard output.")
    ] = ".",
) -> None:
    """Write a kept transcript in other formats.

    **Examples**

    `trax export latest --format docx,srt --out minutes/`

    `trax export transcripts/interview.json -f vtt -o - > interview.vtt`

    `trax export latest --language de --format srt`

    `trax export latest --redact all --format txt --audio public.flac`
    """
    with edge():
        import sys

        from trax.cli.edge import names
        from trax.cli.edge import out as console
        from trax.errors import InvalidOption, StoreError
        from trax.export import FORMATS, known_formats
        from trax.export.translation import translated

        wanted = known_formats(names(formats, "format"))
        document = _document(transcript)
        if language:
            document = translated(document, language)
        if audio is not None and not redact:
            raise InvalidOption("--audio goes with --redact")
        if redact:
            from trax.cli.redaction import redacted_export

            document = redacted_export(document, redact, audio)
        if out == "-":
            if len(wanted) != 1:
                raise InvalidOption("standard output takes one format")
            sys.stdout.buffer.write(FORMATS[wanted[0]].render(document))
            return
        for name in wanted:
            target = Path(out) / f"{Path(document.recording.name).stem or document.id}.{name}"
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(FORMATS[name].render(document))
            except OSError as error:
                raise StoreError(f"cannot write {target}: {error.strerror}") from error
            console().print(str(target), markup=False)


def _document(reference: str) -> "Transcript":
    from trax.compose import open_transcripts
    from trax.errors import InvalidDocument
    from trax.settings import load_settings
    from trax.transcript import Transcript
    from trax.transcript.codec import from_json

    path = Path(reference)
    if path.suffix == ".json" or path.is_file():
        try:
            return from_json(Transcript, path.read_bytes(), str(path))
        except OSError as error:
            raise InvalidDocument(str(path), error.strerror or "it cannot be read") from error
    return open_transcripts(load_settings()).get(reference)
