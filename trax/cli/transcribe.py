"""``trax transcribe``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from trax.cli.edge import edge, err

_SPEECH = "What is said"
_SPEAKERS = "Who speaks"
_ENHANCE = "Language model"
_OUTPUT = "Output"
_AGAIN = "Again"

_EPILOG = """
**Examples**

`trax transcribe interview.mp3` — the transcript on screen, the files in `transcripts/`

`trax transcribe meeting.mp4 --speakers 4 --format docx,srt --out minutes/`

`trax transcribe recordings/ --language de --plan accurate --parallel 4` — a folder

`trax transcribe board.mp3 --hotwords "Cintra, Lord Byron" --vocabulary names.txt`

`trax transcribe interview.mp3 --from diarize --speakers 3` — recognised words are kept

`trax transcribe --tracks anna.wav ben.wav` — one recording, each speaker in a file of their own

`DEEPSEEK_API_KEY=… trax transcribe talk.mp3 --enhance correct,title,summary,chapters --domain auto`

`trax transcribe visit.wav --enhance correct --mask --translate de`

`trax transcribe call.wav --json | jq .[0].exports`
"""


def transcribe(
    recordings: Annotated[
        list[Path],
        typer.Argument(help="Audio or video files, or folders of them.", metavar="FILE_OR_DIR..."),
    ],
    language: Annotated[
        str,
        typer.Option(help="Code such as en, de-AT or zh; auto finds it.", rich_help_panel=_SPEECH),
    ] = "auto",
    multilingual: Annotated[
        bool,
        typer.Option(
            "--multilingual",
            help="Several languages are spoken: detect the language of each window.",
            rich_help_panel=_SPEECH,
        ),
    ] = False,
    plan: Annotated[
        str,
        typer.Option(
            help="fast, balanced, accurate, or a .json file with passes of your own.",
            envvar="TRAX_PLAN",
            rich_help_panel=_SPEECH,
        ),
    ] = "balanced",
    model: Annotated[
        str,
        typer.Option(
            help="One recognition model instead of a plan; `trax models` lists them.",
            rich_help_panel=_SPEECH,
        ),
    ] = "auto",
    beam_size: Annotated[
        int | None,
        typer.Option(
            help="Hypotheses kept while decoding, instead of the plan's.",
            min=1,
            max=20,
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    prompt: Annotated[
        str,
        typer.Option(
            help="A sentence in the style of what is said, with names that occur.",
            rich_help_panel=_SPEECH,
        ),
    ] = "",
    hotwords: Annotated[
        str,
        typer.Option(
            help="Names and terms that are likely to be said, by commas.", rich_help_panel=_SPEECH
        ),
    ] = "",
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            help="File of such terms, one a line. A recording's folder may have vocabulary.txt.",
            rich_help_panel=_SPEECH,
        ),
    ] = None,
    adapter: Annotated[
        str,
        typer.Option(
            help="Domain adapter to read with; `trax adapt` lists them. auto takes one if its "
            "domain is clear, none takes none.",
            rich_help_panel=_SPEECH,
        ),
    ] = "auto",
    speakers: Annotated[
        int | None,
        typer.Option(help="How many people speak, if known.", min=1, rich_help_panel=_SPEAKERS),
    ] = None,
    min_speakers: Annotated[
        int | None,
        typer.Option(help="The fewest people that speak.", min=1, rich_help_panel=_SPEAKERS),
    ] = None,
    max_speakers: Annotated[
        int | None,
        typer.Option(help="The most people that speak.", min=1, rich_help_panel=_SPEAKERS),
    ] = None,
    diarizer: Annotated[
        str,
        typer.Option(
            help="Diarization model; `trax models` lists them.", rich_help_panel=_SPEAKERS
        ),
    ] = "auto",
    diarization_plan: Annotated[
        str,
        typer.Option(help="accurate, or fast, a quarter cheaper.", rich_help_panel=_SPEAKERS),
    ] = "accurate",
    tracks: Annotated[
        bool,
        typer.Option(
            "--tracks",
            help="The files are one recording: one speaker each, named by the file.",
            rich_help_panel=_SPEAKERS,
        ),
    ] = False,
    mixed: Annotated[
        bool,
        typer.Option(
            "--mixed",
            help="Tell people apart by voice even if each has a channel.",
            rich_help_panel=_SPEAKERS,
        ),
    ] = False,
    enhance: Annotated[
        str,
        typer.Option(
            help="What a language model does, if one is configured, by commas; none for nothing.",
            rich_help_panel=_ENHANCE,
        ),
    ] = "correct",
    domain: Annotated[
        str,
        typer.Option(
            help="Kind of speech: auto, general, technical, medical, academic.",
            rich_help_panel=_ENHANCE,
        ),
    ] = "auto",
    glossary: Annotated[
        Path | None,
        typer.Option(
            help="File of terms as they are written, one a line, for the language model.",
            rich_help_panel=_ENHANCE,
        ),
    ] = None,
    translate: Annotated[
        str,
        typer.Option(
            help="Code of a language to translate to, such as de.", rich_help_panel=_ENHANCE
        ),
    ] = "",
    mask: Annotated[
        bool,
        typer.Option(
            "--mask",
            help="Hide names, numbers, addresses, e-mail from the language model.",
            rich_help_panel=_ENHANCE,
        ),
    ] = False,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="txt, md, json, srt, vtt, tsv, csv, rttm, ctm, stm, docx, html, svg.",
            rich_help_panel=_OUTPUT,
        ),
    ] = "txt,md,json,srt,vtt",
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the files.", rich_help_panel=_OUTPUT)
    ] = Path("transcripts"),
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            help="Print only errors; with --json, that as well.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print a summary as JSON, and nothing else on standard output.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    redo_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Run this stage and those after it again: "
            "ingest, recognise, diarize, enhance, merge, annotate, publish.",
            rich_help_panel=_AGAIN,
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run every stage again.", rich_help_panel=_AGAIN)
    ] = False,
    parallel: Annotated[
        int,
        typer.Option(
            "--parallel", "-p", help="Recordings at a time, if there are several.", min=1, max=64
        ),
    ] = 2,
    no_server: Annotated[
        bool,
        typer.Option(
            "--no-server", help="Work here, even if `trax serve` runs on the same data folder."
        ),
    ] = False,
) -> None:
    """Transcribe recordings: who said what, and when.

    Results of finished stages are stored: interrupt with Ctrl-C and run the same again to continue.
    """
    with edge():
        from trax.cli.batch import Batch, View
        from trax.cli.options import plan_options, tasks, terms

        options = {
            "recognition": {
                **plan_options(plan),
                "model": model,
                "language": language,
                "multilingual": multilingual,
                "beam_size": beam_size,
                "prompt": prompt,
                "hotwords": terms(hotwords, vocabulary),
                "adapter": adapter,
            },
            "diarization": {
                "model": diarizer,
                "plan": diarization_plan,
                "split_channels": not mixed,
                "names": [recording.stem for recording in recordings] if tracks else [],
                "speakers": speakers,
                "min_speakers": min_speakers,
                "max_speakers": max_speakers,
            },
            "enhancement": {
                "tasks": tasks(enhance, translate),
                "domain": domain,
                "glossary": terms("", glossary),
                "language": translate,
                "mask": mask,
            },
        }
        redo = "ingest" if fresh else redo_from
        if tracks:
            recordings = [_joined(recordings, quiet=quiet or as_json)]
        service = None if no_server or redo else _service(quiet=quiet or as_json)
        batch = Batch.prepare(recordings, options, formats, out, redo, parallel, service)
        view: View = "json" if as_json else "quiet" if quiet else "live"
        raise typer.Exit(batch.run(view))


def _service(*, quiet: bool) -> str | None:
    """The address of the service that runs on the same data folder, if it is to do the work."""
    from trax.service.neighbour import neighbour
    from trax.settings import load_settings

    settings = load_settings()
    address = neighbour(settings.home) if settings.runner != "prefect" else None
    if address is not None and not quiet:
        err().print(f"the service on {address} does the work; --no-server does it here")
    return address


def _start_server() -> None:
    """Start Prefect's temporary server first, if one is needed: it takes longest."""
    from trax.settings import load_settings

    settings = load_settings()
    if settings.runner == "prefect":
        from trax.orchestration.flows import start_server

        start_server(settings.prefect_home)


def _joined(tracks: Sequence[Path], *, quiet: bool) -> Path:
    """One recording with a channel for each of *tracks*, kept in Trax's own folder."""
    from rich.progress import Progress

    from trax.compose import process_workspace
    from trax.service.recordings import join_tracks
    from trax.settings import load_settings

    with Progress(console=err(), transient=True, disable=quiet) as bar:
        task = bar.add_task("joining the tracks", total=1.0)
        return join_tracks(
            tracks,
            load_settings().home / "tracks",
            process_workspace().limits,
            lambda share: bar.update(task, completed=share),
        )


transcribe.__doc__ = (transcribe.__doc__ or "") + _EPILOG
