"""The page on which utterances are heard before and after their voice was replaced."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from trax.transcript import format_clock
from trax.voice.report import Report, Row


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance, and the files in which it is heard, beside the page.

    Attributes:
        before: the name of the file with the old voice.
        after: and with the new one.
    """

    row: Row
    before: str
    after: str


def page(report: Report, utterances: Sequence[Heard]) -> bytes:
    """The page, which plays one utterance after the other, and asks nothing of others."""
    title = escape(report.name)
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        f"<title>{title}: before and after</title>",
        f"<style>{_asset('css')}</style>",
        f"<header><h1 dir=auto>{title}</h1>",
        *(f"<p>{escape(fact)}</p>" for fact in _facts(report)),
        "<button id=all hidden>Play all</button></header>",
        "<ol>",
        *(line for each in utterances for line in _said(report, each)),
        "</ol>",
        *_left(report),
        f"<script>{_asset('js')}</script>",
        "",
    ]
    return "\n".join(lines).encode()


def _facts(report: Report) -> Iterator[str]:
    for label, name in report.speakers.items():
        yield f"{name}: {report.voices[label]}"
    count = len(report.utterances)
    said = "1 utterance" if count == 1 else f"{count} utterances"
    yield f"{said}, {report.replaced:.1f} of {report.duration:.1f} s"
    yield from report.warnings


def _said(report: Report, heard: Heard) -> Iterator[str]:
    row = heard.row
    yield "<li>"
    yield f"<h2>{format_clock(row.start, 1)} {escape(report.speakers[row.speaker])}</h2>"
    yield f"<p dir=auto>{escape(row.text)}</p>"
    for name, file in (("Before", heard.before), ("After", heard.after)):
        yield f'<label>{name} <audio controls preload=none src="{escape(file)}"></audio></label>'
    yield f"<p class=figures>{escape(' · '.join(_figures(row)))}</p></li>"


def _figures(row: Row) -> Iterator[str]:
    """How well an utterance was said, fitted into its place and made alike."""
    if row.errors:
        missed = f": {', '.join(row.missed)}" if row.missed else ""
        yield f"{row.errors} of {row.words} words not understood{missed}"
    else:
        yield f"all of {row.words} words understood"
    if row.names_and_numbers:
        yield f"listen to: {', '.join(row.names_and_numbers)}"
    if row.like_target is not None:
        yield f"like the new voice {row.like_target:.2f}"
    if row.like_source is not None:
        yield f"like the old voice {row.like_source:.2f}"
    yield f"stretched by {row.stretch:.2f}"
    late = 1000 * (row.start - row.original_start)
    yield f"start {late:+.0f} ms, end {1000 * (row.end - row.original_end):+.0f} ms"
    yield f"loudness {row.loudness_after - row.loudness_before:+.1f} LU"


def _left(report: Report) -> Iterator[str]:
    if not report.left:
        return
    silent = report.unspoken == "silence"
    yield f"<h2>{'Silent' if silent else 'As it was'}</h2><ul>"
    for each in report.left:
        text = f"{format_clock(each.start, 1)} {each.text} ({each.why})"
        yield f"<li dir=auto>{escape(text)}</li>"
    yield "</ul>"


@cache
def _asset(suffix: str) -> str:
    return (files("trax.service") / f"comparing.{suffix}").read_text("utf-8").strip()


@cache
def _policy() -> str:
    """Nothing runs but the page's own script, whatever was said."""
    style, script = (
        b64encode(sha256(_asset(suffix).encode()).digest()).decode() for suffix in ("css", "js")
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )
