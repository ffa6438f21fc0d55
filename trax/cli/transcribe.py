"""``trax transcribe``."""

from pathlib import Path
from typing import Annotated

import typer

from trax.cli.edge import edge

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
    speakers: Annotated[
        int | None, typer.Option(help="How many people speak, where that is known.", min=1)
    ] = None,
    min_speakers: Annotated[
        int | None, typer.Option(help="The fewest people that speak.", min=1)
    ] = None,
    max_speakers: Annotated[
        int | None, typer.Option(help="The most people that speak.", min=1)
    ] = None,
    language: Annotated[str, typer.Option(help="Code such as en or de; auto finds it.")] = "auto",
    multilingual: Annotated[
        bool,
        typer.Option("--multilingual", help="Several languages are spoken: find each window's."),
    ] = False,
    plan: Annotated[
        str,
        typer.Option(
            help="fast, balanced, accurate, or a .json file with passes of your own.",
            envvar="TRAX_PLAN",
        ),
    ] = "balanced",
    model: Annotated[
        str,
        typer.Option(help="One recognition model in place of a plan; `trax models` lists them."),
    ] = "auto",
    diarizer: Annotated[
        str, typer.Option(help="Diarization model; `trax models` lists them.")
    ] = "auto",
    diarization_plan: Annotated[
        str, typer.Option(help="accurate, or fast, a quarter cheaper.")
    ] = "accurate",
    tracks: Annotated[
        bool,
        typer.Option(
            "--tracks", help="The files are one recording: one speaker each, named by the file."
        ),
    ] = False,
    mixed: Annotated[
        bool,
        typer.Option("--mixed", help="Tell people apart by voice even where each has a channel."),
    ] = False,
    beam_size: Annotated[
        int | None,
        typer.Option(help="Hypotheses kept while decoding, in place of the plan's.", min=1, max=20),
    ] = None,
    prompt: Annotated[
        str, typer.Option(help="A sentence in the style of what is said, with names that occur.")
    ] = "",
    hotwords: Annotated[
        str, typer.Option(help="Names and terms that are likely to be said, by commas.")
    ] = "",
    vocabulary: Annotated[
        Path | None,
        typer.Option(
            help="File of such terms, one a line. A recording's folder may have vocabulary.txt."
        ),
    ] = None,
    enhance: Annotated[
        str,
        typer.Option(
            help="What a language model does, where one is configured, by commas; none for nothing."
        ),
    ] = "correct",
    domain: Annotated[
        str, typer.Option(help="Kind of speech: auto, general, technical, medical, academic.")
    ] = "auto",
    glossary: Annotated[
        Path | None,
        typer.Option(help="File of terms as they are written, one a line, for the language model."),
    ] = None,
    translate: Annotated[
        str, typer.Option(help="Code of a language to translate to, such as de.")
    ] = "",
    mask: Annotated[
        bool,
        typer.Option(
            "--mask", help="Hide names, numbers, addresses, e-mail from the language model."
        ),
    ] = False,
    formats: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="txt, md, json, srt, vtt, tsv, csv, rttm, ctm, stm, docx, svg."
        ),
    ] = "txt,md,json,srt,vtt",
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path(
        "transcripts"
    ),
    redo_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Do this stage and those after it again: "
            "ingest, recognise, diarize, enhance, merge, annotate, publish.",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do every stage again.")] = False,
    parallel: Annotated[
        int,
        typer.Option(
            "--parallel", "-p", help="Recordings at a time, where there are several.", min=1, max=64
        ),
    ] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary for programs.")] = False,
) -> None:
    """Transcribe recordings: who said what, and when.

    Stages that are done are kept: interrupt with Ctrl-C and run the same again to go on from there.
    """
    with edge():
        from trax.cli.batch import Batch
        from trax.cli.enhancement import tasks
        from trax.cli.recognition import plan_options, terms

        options = {
            "recognition": {
                **plan_options(plan),
                "model": model,
                "language": language,
                "multilingual": multilingual,
                "beam_size": beam_size,
                "prompt": prompt,
                "hotwords": terms(hotwords, vocabulary),
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
            from trax.cli.multitrack import one_recording

            recordings = [one_recording(recordings, quiet=quiet or as_json)]
        batch = Batch.prepare(recordings, options, formats, out, redo, parallel)
        raise typer.Exit(batch.run("quiet" if quiet else "json" if as_json else "live"))


transcribe.__doc__ = (transcribe.__doc__ or "") + _EPILOG
