"""``trax revoice``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trax.cli import revoice_looking as looking
from trax.cli import revoice_making as making
from trax.cli.edge import edge
from trax.cli.revoice_views import show_selection

_WHO = "Who, and in which voice"
_WORDS = "Words"
_SPEECH = "How it is transcribed"
_OUTPUT = "Output"

_EPILOG = """
**Examples**

`trax revoice talk.mp3 --speaker "Speaker 2" --voice af_heart` — shows what it would say, and asks

`trax revoice talk.mp3 --speaker Anna --voice anna.wav --consent "signed form" --yes`

`trax revoice talk.mp3 --speaker "Speaker 2" --voice af_heart --write-text words.json`

`trax revoice talk.mp3 --speaker "Speaker 2" --voice af_heart --text words.json --out new.flac`

`trax revoice interview.mp4 --anonymise "Speaker 1"` — a voice that is nobody's

`trax revoice interview.mp4 --anonymise all --redact names` — and say no names

`trax revoice --check new.flac` — whether voices were replaced in a file

`trax revoice --compare new.flac` — a page to hear each utterance before and after
"""


def revoice(
    recording: Annotated[
        Path | None,
        typer.Argument(help="An audio or video file.", metavar="FILE", show_default=False),
    ] = None,
    speaker: Annotated[
        str,
        typer.Option(help="Whose words are said again, such as `Speaker 2`.", rich_help_panel=_WHO),
    ] = "",
    voice: Annotated[
        str,
        typer.Option(
            help="A stock voice, a mix such as af_heart*0.6+am_adam*0.4, or a recording of one.",
            rich_help_panel=_WHO,
        ),
    ] = "",
    consent: Annotated[
        str,
        typer.Option(
            help="How the person in that recording agreed to have their voice used.",
            rich_help_panel=_WHO,
        ),
    ] = "",
    person: Annotated[
        str,
        typer.Option(
            help="Whose voice that recording is: forgetting them tells what was made with it.",
            rich_help_panel=_WHO,
        ),
    ] = "",
    anonymise: Annotated[
        str,
        typer.Option(
            help="Give this speaker, or all, a voice that is made up.",
            metavar="all|SPEAKER",
            rich_help_panel=_WHO,
        ),
    ] = "",
    redact: Annotated[
        str,
        typer.Option(
            help="Say no personal data, by commas: names, numbers, addresses, emails; or all. "
            "Plain words are said in its place.",
            rich_help_panel=_WORDS,
        ),
    ] = "",
    text: Annotated[
        Path | None,
        typer.Option(
            help="What is to be said: a file that --write-text made, corrected.",
            rich_help_panel=_WORDS,
        ),
    ] = None,
    write_text: Annotated[
        Path | None,
        typer.Option(help="Write what would be said to a file, and end.", rich_help_panel=_WORDS),
    ] = None,
    unspoken: Annotated[
        str,
        typer.Option(
            help="What becomes of words that cannot be said again: original, or silence; "
            "silence with --anonymise.",
            rich_help_panel=_WORDS,
        ),
    ] = "",
    plan: Annotated[
        str, typer.Option(help="fast, balanced or accurate.", rich_help_panel=_SPEECH)
    ] = "",
    language: Annotated[
        str, typer.Option(help="Code such as en; auto finds it.", rich_help_panel=_SPEECH)
    ] = "",
    speakers: Annotated[
        int | None,
        typer.Option(help="How many people speak, if known.", min=1, rich_help_panel=_SPEECH),
    ] = None,
    diarizer: Annotated[
        str,
        typer.Option(help="Diarization model; `trax models` lists them.", rich_help_panel=_SPEECH),
    ] = "",
    target: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The new file; by default FILE with .revoiced before its suffix, here. With "
            "--compare the new folder.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the report as JSON.", rich_help_panel=_OUTPUT),
    ] = False,
    check: Annotated[
        Path | None,
        typer.Option(help="Say whether Trax replaced voices in a file.", rich_help_panel=_OUTPUT),
    ] = None,
    compare: Annotated[
        str,
        typer.Option(
            help="Write a folder with a page to hear each utterance before and after: of a file "
            "that Trax made, or of a job.",
            metavar="FILE|JOB",
            rich_help_panel=_OUTPUT,
        ),
    ] = "",
    list_voices: Annotated[
        bool, typer.Option("--list-voices", help="List stock voices.", rich_help_panel=_WHO)
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before anything is said.")
    ] = False,
    redo_from: Annotated[
        str | None, typer.Option("--from", help="Run this stage and those after it again.")
    ] = None,
) -> None:
    """Say a speaker's words again in another voice; everything else stays as it is.

    The recording is transcribed first; corrections of its transcript count. What would be said is
    shown before anything is.
    """
    from trax.errors import InvalidOption

    with edge():
        if check is not None:
            raise typer.Exit(looking.check(check, as_json=as_json))
        if compare:
            looking.compare(compare, target, as_json=as_json)
            return
        if list_voices:
            looking.list_voices(as_json=as_json)
            return
        changed: dict[str, dict[str, Any]] = {
            "recognition": {"plan": plan, "language": language},
            "diarization": {"model": diarizer, "speakers": speakers},
        }
        asked = making.Asked(recording, speaker, voice, consent, anonymise, unspoken, person)
        is_asked = not yes and write_text is None
        asked.check_output(target, text, shows_nothing=is_asked and as_json)
        options = asked.options(changed, text, making.kinds(redact))
        source = asked.source
        selection = making.selected(source, options)
        if write_text is not None:
            making.write_lines(selection, write_text)
            return
        if not as_json:
            show_selection(selection)
        if not selection.utterances and options.unspoken == "original":
            raise InvalidOption("nothing is made: none of the words can be said again")
        if is_asked:
            typer.confirm("Say these in the new voice?", abort=True, err=True)
        result = making.result_of(source, options, redo_from)
        making.deliver(source, result, target, as_json=as_json)


revoice.__doc__ = (revoice.__doc__ or "") + _EPILOG
