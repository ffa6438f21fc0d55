"""``trax revoice``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, err, print_json
from trax.cli.edge import out as console

if TYPE_CHECKING:
    from trax.pipelines.revoice import RevoiceResult
    from trax.stages.replacement import RevoiceOptions
    from trax.voice.report import Report
    from trax.voice.selection import Selection

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
            help="The new file; by default FILE with .revoiced before its suffix, here.",
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
            raise typer.Exit(_checked(check, as_json=as_json))
        if list_voices:
            _list_voices(as_json=as_json)
            return
        changed: dict[str, dict[str, Any]] = {
            "recognition": {"plan": plan, "language": language},
            "diarization": {"model": diarizer, "speakers": speakers},
        }
        asked = _Asked(recording, speaker, voice, consent, anonymise, unspoken, person)
        is_asked = not yes and write_text is None
        asked.check_output(target, text, shows_nothing=is_asked and as_json)
        options = asked.options(changed, text, _kinds(redact))
        source = asked.source
        selection = _selected(source, options)
        if write_text is not None:
            _written(selection, write_text)
            return
        if not as_json:
            _show(selection)
        if not selection.utterances and options.unspoken == "original":
            raise InvalidOption("nothing is made: none of the words can be said again")
        if is_asked:
            typer.confirm("Say these in the new voice?", abort=True, err=True)
        _done(source, _result(source, options, redo_from), target, as_json=as_json)


def _list_voices(*, as_json: bool) -> None:
    from trax.cli.tables import table
    from trax.compose import process_workspace

    found = process_workspace().engines.voices.synthesiser().voices
    rows = [(each.name, each.language, each.description) for each in found]
    columns = ("name", "language", "voice")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        console().print(table(columns, rows))


def _kinds(text: str) -> list[str]:
    """The kinds of personal data that are named."""
    from trax.enhance.privacy import KINDS

    named = [part.strip() for part in text.split(",") if part.strip()]
    return list(KINDS) if named == ["all"] else named


class _Asked:
    """What was asked for on the command line."""

    def __init__(
        self,
        recording: Path | None,
        speaker: str,
        voice: str,
        consent: str,
        anonymise: str,
        unspoken: str,
        person: str,
    ) -> None:
        from trax.errors import InvalidOption

        if recording is None:
            raise InvalidOption("name a recording, or a file to --check")
        if anonymise and (speaker or voice):
            raise InvalidOption("--anonymise makes voices up: give no --speaker and no --voice")
        if not anonymise and not (speaker and voice):
            raise InvalidOption("name a --speaker and a --voice, or whom to --anonymise")
        if unspoken not in ("", "original", "silence"):
            raise InvalidOption("--unspoken: original or silence")
        self.source = recording
        self._speaker = anonymise or speaker
        self._voice = "anonymous" if anonymise else voice
        self._consent = consent
        self._person = person
        self._unspoken = unspoken or ("silence" if anonymise else "original")

    def check_output(self, target: Path | None, text: Path | None, *, shows_nothing: bool) -> None:
        """Check that what comes of it can be written, and agreed to, before anything is done."""
        from trax.errors import InvalidOption
        from trax.service.revoicing import check_target

        if shows_nothing:
            raise InvalidOption("--json shows nothing that could be agreed to: add --yes")
        check_target(self.source, target, text)

    def options(
        self, changed: dict[str, dict[str, Any]], text: Path | None, redact: list[str]
    ) -> "RevoiceOptions":
        """The options of the job; those of the recording's last transcript count, where nothing
        else is said.
        """
        from trax.compose import process_workspace
        from trax.service import revoicing
        from trax.service.checks import checked_revoicing
        from trax.settings import load_settings
        from trax.stages.options import TranscribeOptions

        workspace = process_workspace()
        before = revoicing.options_before(workspace, self.source) or TranscribeOptions()
        transcription = before.model_dump(mode="json")
        for group, values in changed.items():
            given = {name: value for name, value in values.items() if value}
            transcription[group] = {**transcription[group], **given}
        new = revoicing.replacement(
            workspace, self._speaker, self._voice, self._consent, self._person
        )
        asked: dict[str, object] = {
            "replacements": [new],
            "texts": revoicing.texts_in(text) if text is not None else {},
            "unspoken": self._unspoken,
            "redact": redact,
            "transcription": transcription,
        }
        return checked_revoicing(asked, load_settings())


def _selected(source: Path, options: "RevoiceOptions") -> "Selection":
    from trax.cli.bars import LiveReporter
    from trax.cli.edge import printable
    from trax.compose import process_workspace
    from trax.pipelines.revoice import SELECTING, select
    from trax.progress import reporting

    reporter = LiveReporter(printable(source.name), stages=SELECTING.names)
    with reporting(reporter), reporter:
        return select(process_workspace(), source, options)


def _result(source: Path, options: "RevoiceOptions", redo_from: str | None) -> "RevoiceResult":
    from trax.cli.bars import LiveReporter
    from trax.cli.edge import printable
    from trax.compose import process_workspace
    from trax.pipelines.revoice import REVOICE
    from trax.progress import reporting
    from trax.service.revoicing import run_revoicing
    from trax.settings import load_settings

    reporter = LiveReporter(printable(source.name), stages=REVOICE.names)
    with reporting(reporter), reporter:
        return run_revoicing(process_workspace(), load_settings(), str(source), options, redo_from)


def _written(selection: "Selection", target: Path) -> None:
    from rich.markup import escape

    from trax.export.files import write_file
    from trax.service.revoicing import lines_of

    write_file(target, lines_of(selection))
    err().print(
        f"{len(selection.utterances)} utterances written to {escape(str(target))}; "
        "correct them, then give the file as --text"
    )


def _show(selection: "Selection") -> None:
    from rich.markup import escape

    from trax.cli.tables import table
    from trax.transcript import format_clock

    rows = [
        (
            format_clock(each.span.start, 1),
            format_clock(each.span.end, 1),
            escape(selection.names[each.speaker]),
            escape(each.text),
        )
        for each in selection.utterances
    ]
    console().print(table(("from", "to", "speaker", "is said again"), rows, right=("from", "to")))
    if selection.left:
        console().print()
        left = [
            (format_clock(each.start, 1), format_clock(each.end, 1), each.why, escape(each.text))
            for each in selection.left
        ]
        console().print(table(("from", "to", "why", "stays as it is"), left, right=("from", "to")))


def _done(source: Path, result: "RevoiceResult", target: Path | None, *, as_json: bool) -> None:
    """Copy the new recording and its report to where the user wants them, and say what is new."""
    from dataclasses import asdict

    from rich.markup import escape

    from trax.compose import process_workspace
    from trax.pipelines.revoice import report_of
    from trax.service.revoicing import copy_result, target_of
    from trax.transcript.codec import to_json

    workspace = process_workspace()
    report = report_of(workspace, result)
    chosen = target or target_of(source, result)
    files = copy_result(workspace, result, to_json(report, indent=1), chosen)
    if as_json:
        print_json({**asdict(report), "files": [str(file) for file in files]})
        return
    _tell(report)
    for file in files:
        console().print(f"  {escape(str(file))}")


def _tell(report: "Report") -> None:
    from rich.markup import escape

    for warning in report.warnings:
        err().print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
    words = sum(row.words for row in report.utterances)
    errors = sum(row.errors for row in report.utterances)
    said = len(report.utterances)
    console().print(
        f"{said} utterance{'s' * (said != 1)} said again, {report.replaced:.1f} of "
        f"{report.duration:.1f} s; {errors} of {words} words are not understood by recognition"
    )
    if report.left:
        console().print(
            f"{len(report.left)} stay{'s' * (len(report.left) == 1)} "
            f"{'as they were' if report.unspoken == 'original' else 'silent'}: the report says why"
        )


def _checked(path: Path, *, as_json: bool) -> int:
    """Say whether voices were replaced in a file; the exit code is 0 if so, else 1."""
    from dataclasses import asdict

    from rich.markup import escape

    from trax.compose import process_workspace
    from trax.service.revoicing import IS_MARKED, origin_of

    found = origin_of(process_workspace(), path)
    if as_json:
        print_json({**asdict(found), "ours": found.is_ours})
        return 0 if found.is_ours else 1
    if found.facts is not None:
        facts = ", ".join(f"{name} {value}" for name, value in found.facts.items())
        console().print(f"the file says that its voices were replaced: {escape(facts)}")
    if found.forgotten:
        console().print("a voice in it was forgotten since: delete the file, or ask its owner")
    if found.mark is not None:
        enough = f"({IS_MARKED:g} and more means yes)"
        console().print(f"watermark of synthetic speech: {found.mark:.2f} {enough}")
    elif found.without:
        err().print(
            f"[yellow]warning:[/] the watermark was not looked for: {escape(found.without)}"
        )
    if not found.is_ours:
        console().print("nothing says that Trax replaced voices in it")
    return 0 if found.is_ours else 1


revoice.__doc__ = (revoice.__doc__ or "") + _EPILOG
