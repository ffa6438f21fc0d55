"""Replaced voices on the terminal: what would be said, and what was."""

from typing import TYPE_CHECKING

from trax.cli.edge import err
from trax.cli.edge import out as console

if TYPE_CHECKING:
    from trax.voice.report import Report
    from trax.voice.selection import Selection


def show_selection(selection: "Selection") -> None:
    """Show what would be said again, and what would stay."""
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


def show_report(report: "Report") -> None:
    """Show what was said again, and what is not understood."""
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
