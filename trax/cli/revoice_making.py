"""What ``trax revoice`` is asked for, and what it makes of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trax.cli.edge import err, print_json
from trax.cli.edge import out as console
from trax.cli.revoice_views import show_report

if TYPE_CHECKING:
    from trax.pipelines.revoice import RevoiceResult
    from trax.stages.replacement import RevoiceOptions
    from trax.voice.selection import Selection


class Asked:
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


def kinds(text: str) -> list[str]:
    """The kinds of personal data that are named."""
    from trax.enhance.privacy import KINDS

    named = [part.strip() for part in text.split(",") if part.strip()]
    return list(KINDS) if named == ["all"] else named


def selected(source: Path, options: "RevoiceOptions") -> "Selection":
    """What would be said again, while its stages are shown."""
    from trax.cli.bars import LiveReporter
    from trax.cli.edge import printable
    from trax.compose import process_workspace
    from trax.pipelines.revoice import SELECTING, select
    from trax.progress import reporting

    reporter = LiveReporter(printable(source.name), stages=SELECTING.names)
    with reporting(reporter), reporter:
        return select(process_workspace(), source, options)


def result_of(source: Path, options: "RevoiceOptions", redo_from: str | None) -> "RevoiceResult":
    """What a job makes of a recording, while its stages are shown."""
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


def write_lines(selection: "Selection", target: Path) -> None:
    """Write what would be said to a file, to be corrected."""
    from rich.markup import escape

    from trax.export.files import write_file
    from trax.service.revoicing import lines_of

    write_file(target, lines_of(selection))
    err().print(
        f"{len(selection.utterances)} utterances written to {escape(str(target))}; "
        "correct them, then give the file as --text"
    )


def deliver(source: Path, result: "RevoiceResult", target: Path | None, *, as_json: bool) -> None:
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
    show_report(report)
    for file in files:
        console().print(f"  {escape(str(file))}")
